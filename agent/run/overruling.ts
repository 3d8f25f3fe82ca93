/**
 * A person's override, from the request to the pod that leads: whoever is asked keeps the request
 * until the named pod leads, and the holder's agent is told, which alone can name a successor.
 */
import { recordedHead } from '../core/lease.ts';
import { isSame, type Member } from '../core/units.ts';
import { fieldsOf } from '../fields.ts';
import type { Answer } from '../http/server.ts';
import { refusal, type RouteParts } from './route-parts.ts';

/** How long an override is tried: a Redis that loads its data, and a lease that runs out first. */
export const overrideMaxMs = 30_000;

/** How often the outcome is looked for. */
const checkPeriodMs = 100;

/** How soon a holder that could not be told is told again. */
const tellAgainMs = 1000;

/** A pod of the set that somebody named, or what is wrong with the name. */
export type NamedPod =
  | { readonly kind: 'named'; readonly pod: string }
  | { readonly kind: 'refused'; readonly answer: Answer };

/** The pod in `to`. */
export function podIn({ peers, self }: RouteParts, body: unknown): NamedPod {
  const { to } = fieldsOf(body);
  const allowed = [self.pod, ...peers.names].toSorted();
  const pod = allowed.find((name) => name === to);
  if (pod !== undefined) return { kind: 'named', pod };
  const sentence = `to: found ${JSON.stringify(to)}, allowed is one of ${allowed.join(', ')}`;
  return { kind: 'refused', answer: refusal(400, sentence) };
}

/**
 * Asks the core to let `to` lead, until it does or the time is up; resolves to whether it does.
 *
 * @param isAsked a person asked this pod: the holder has to be told. Who was told tells nobody.
 */
export async function overrule(parts: RouteParts, to: string, isAsked: boolean): Promise<boolean> {
  const { agent, clock } = parts;
  const atMs = clock();
  agent.request({ override: { to, atMs } });
  const told: Told = { holder: null, atMs };
  const isOurs = (): boolean => agent.requests.override?.atMs === atMs;
  while (isOurs() && clock() < atMs + overrideMaxMs && !(await leads(parts, to))) {
    if (isAsked) await tellHolder(parts, to, told);
    await new Promise((resolve) => {
      setTimeout(resolve, checkPeriodMs);
    });
  }
  if (isOurs()) agent.request({ override: null });
  return leads(parts, to);
}

/** Whether `to` leads: by the Lease, and by its own word. */
export async function leads({ agent, self, peers }: RouteParts, to: string): Promise<boolean> {
  const { record } = agent;
  if (record?.holder?.pod !== to || recordedHead(record) === null) return false;
  if (to === self.pod) return agent.isLeading;
  const states = await peers.survey();
  return states.some(({ pod, leading, term }) => pod === to && leading && term === record.term);
}

/** The holder that was told last. */
interface Told {
  holder: Member | null;
  atMs: number;
}

/** Tells the holder once, and again when it was not reached. */
async function tellHolder(
  { agent, self, peers, client, clock }: RouteParts,
  to: string,
  told: Told,
): Promise<void> {
  const holder = agent.record?.holder ?? null;
  if (holder === null || holder.pod === self.pod) return;
  const wasTold = told.holder !== null && isSame(told.holder, holder);
  if (wasTold || clock() < told.atMs) return;
  const peer = peers.sights.find((one) => isSame(one, holder));
  const result = peer === undefined ? null : await client.override(peer.address, to);
  if (result?.kind === 'answered') told.holder = holder;
  told.atMs = clock() + tellAgainMs;
}
