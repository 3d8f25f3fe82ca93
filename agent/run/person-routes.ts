import { isHeldBy } from '../core/lease.ts';
import { fieldsOf } from '../fields.ts';
import type { Answer, Question, Route } from '../http/server.ts';
import { leads, overrideMaxMs, overrule, podIn } from './overruling.ts';
import { becomes, holderOf, post, refusal, type RouteParts } from './route-parts.ts';

/** How long `regent switchover` waits for its outcome. */
const switchoverMaxMs = 10_000;
/** How long `regent pause` and `resume` wait for theirs. */
const pauseMaxMs = 5000;

/** What a person may ask, from within the pod. */
export function personRoutes(parts: RouteParts): readonly Route[] {
  return [
    post('/v1/switchover', 'own-pod', (question) => switchover(parts, question)),
    post('/v1/failover', 'own-pod', (question) => failover(parts, question)),
    post('/v1/pause', 'own-pod', (question) => pause(parts, question)),
  ];
}

async function switchover(parts: RouteParts, { body }: Question): Promise<Answer> {
  const { self, agent, clock } = parts;
  const to = wantedIn(body);
  if (to === undefined) return refusal(400, 'to: the name of a pod is needed');
  if (agent.record === null || !isHeldBy(agent.record, self)) {
    const holder = holderOf(agent);
    return refusal(409, `this pod does not lead: ask ${holder ?? 'again, nobody does'}`, {
      holder,
    });
  }
  if (agent.record.paused) return refusal(409, 'failovers are paused: regent resume ends that');
  agent.request({ switchover: { to, atMs: clock() } });
  const hasLeft = (): boolean => agent.record !== null && !isHeldBy(agent.record, self);
  const left = await becomes(clock, switchoverMaxMs, hasLeft);
  agent.request({ switchover: null });
  if (left) return { status: 200, body: { holder: holderOf(agent) } };
  const who = to === null ? 'no fit successor' : `${to} is no fit successor`;
  return refusal(409, `${who} (${agent.reason})`, { holder: self.pod });
}

/** A pod's name, `null` for any; `undefined` when it is something else. */
function wantedIn(body: unknown): string | null | undefined {
  const { to = null } = fieldsOf(body);
  if (to === null) return null;
  return typeof to === 'string' && to !== '' ? to : undefined;
}

async function failover(parts: RouteParts, { body }: Question): Promise<Answer> {
  const to = podIn(parts, body);
  if (to.kind === 'refused') return to.answer;
  const { pod } = to;
  if ((await leads(parts, pod)) || (await overrule(parts, pod, true))) {
    return { status: 200, body: { holder: pod, term: parts.agent.record?.term ?? 0 } };
  }
  const { agent } = parts;
  const sentence = `${pod} does not lead after ${overrideMaxMs / 1000} s (${agent.reason}): does its agent answer, and does its Redis run?`;
  return refusal(409, sentence, { holder: holderOf(agent) });
}

async function pause({ agent, lease, clock }: RouteParts, { body }: Question): Promise<Answer> {
  const { paused } = fieldsOf(body);
  if (typeof paused !== 'boolean') return refusal(400, 'paused: true or false is needed');
  if (lease.sight.kind !== 'read') return refusal(409, 'there is no lease to write it in');
  // A leader that cannot reach the API server has more urgent things to do than to write this.
  const askedAtMs = clock();
  const isFailing = (): boolean => (lease.failedAtMs ?? -Infinity) >= askedAtMs;
  agent.request({ pause: paused });
  const isWritten = (): boolean => agent.record?.paused === paused;
  await becomes(clock, pauseMaxMs, () => isWritten() || isFailing());
  agent.request({ pause: null });
  if (isWritten()) return { status: 200, body: { paused } };
  const why = isFailing() ? 'the API server does not answer' : `not within ${pauseMaxMs / 1000} s`;
  return refusal(409, `the lease could not be written: ${why}`);
}
