import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monotonic } from '../../agent/core/units.ts';
import { observe } from '../../agent/redis/commands.ts';
import { renderConfig } from '../../agent/redis/config-file.ts';
import { Link } from '../../agent/redis/link.ts';
import { PasswordRotation, formerPasswords } from '../../agent/run/rotation-password.ts';
import { RedisProcess, eventually } from './redis-process.ts';

const silent = {
  ...{ debug: () => undefined, info: () => undefined },
  ...{ warn: () => undefined, error: () => undefined },
};

/** A pod: a Redis, its redis.conf, the mounted Secret, and the parts of the agent that rotate it. */
export class Member {
  readonly redis: RedisProcess;
  readonly configFile: string;
  readonly passwordFile: string;
  readonly others: Member[] = [];
  /** Times that the link became anything but up. */
  losses = 0;
  link: Link;
  rotation: PasswordRotation;
  nowMs = 0;

  private constructor(redis: RedisProcess, password: string) {
    this.redis = redis;
    this.configFile = join(redis.folder, 'redis.conf');
    this.passwordFile = join(redis.folder, 'password');
    const { port, folder: dataDir } = redis;
    const user = { userText: 'save ""', userFile: 'redis.conf', announceHost: '127.0.0.1' };
    const rendered = { ...user, port, dataDir, password: Buffer.from(password), tls: null };
    writeFileSync(this.configFile, renderConfig(rendered));
    this.mount(password);
    [this.link, this.rotation] = this.startAgent();
  }

  /** Starts one whose Secret and whose Redis have this password. */
  static async start(password: string): Promise<Member> {
    const member = new Member(await RedisProcess.prepare(), password);
    await member.startRedis();
    return member;
  }

  async end(): Promise<void> {
    this.link.end();
    await this.redis[Symbol.asyncDispose]();
  }

  mount(password: string): void {
    writeFileSync(this.passwordFile, password);
  }

  async startRedis(): Promise<void> {
    await this.redis.startWith(this.configFile);
    await this.isUp();
  }

  async isUp(): Promise<void> {
    await eventually(
      () => this.link.state,
      (state) => state.kind === 'up',
    );
  }

  async restartRedis(): Promise<void> {
    await this.redis.crash();
    await eventually(
      () => this.link.state,
      (state) => state.kind === 'down',
    );
    await this.startRedis();
  }

  async restartAgent(): Promise<void> {
    this.link.end();
    [this.link, this.rotation] = this.startAgent();
    await this.isUp();
  }

  startAgent(): [Link, PasswordRotation] {
    const { passwordFile, configFile } = this;
    const link = new Link({
      ...{ host: '127.0.0.1', port: this.redis.port, passwordFile },
      ...{ beatTimeoutMs: 10_000, commandTimeoutMs: 5000, now: () => monotonic(performance.now()) },
      formerPasswords: () => formerPasswords(configFile),
      onState: ({ kind }) => (this.losses += kind === 'up' ? 0 : 1),
    });
    const rotation = new PasswordRotation({
      ...{ passwordFile, configFile, redis: link, overlapMs: 1000, log: silent },
      peerSecret: () => Promise.resolve('peer secret'),
      askMembers: () =>
        Promise.resolve(
          this.others.map((other) => ({
            pod: String(other.redis.port),
            generation: other.rotation.generation,
          })),
        ),
      now: () => this.nowMs,
    });
    link.start();
    return [link, rotation];
  }

  async replication(): Promise<string> {
    const seen = await observe(this.link);
    if (seen.kind !== 'observed') return seen.kind;
    return seen.info.replication.upstream?.link ?? 'primary';
  }

  async lets(password: string): Promise<boolean> {
    try {
      (await this.redis.client(password)).close();
      return true;
    } catch {
      return false;
    }
  }
}
