import type { V1Lease } from '@kubernetes/client-node';
import { isCount } from '../count.ts';
import { fieldsOf } from '../fields.ts';
import type { Answer, Question, Route } from '../http/server.ts';
import { parseLease } from '../kube/lease-object.ts';
import { overrule, podIn } from './overruling.ts';
import { post, refusal, type RouteParts } from './route-parts.ts';

/** What agents tell each other. */
export function peerRoutes(parts: RouteParts): readonly Route[] {
  return [
    post('/v1/lead', 'peers', (question) => lead(parts, question)),
    post('/v1/promise', 'peers', (question) => promise(parts, question)),
    post('/v1/override', 'peers', (question) => override(parts, question)),
  ];
}

function lead({ lease }: RouteParts, { body }: Question): Answer {
  const given = leaseIn(body);
  if (given === null) return leaseMissing;
  // Taken as seen, not as true: every step from here on is a compare-and-swap on its version.
  lease.see(given);
  return { status: 200, body: {} };
}

function promise({ promises }: RouteParts, { body }: Question): Answer {
  const given = leaseIn(body);
  if (given === null) return leaseMissing;
  const { durationMs } = fieldsOf(body);
  if (!isCount(durationMs)) {
    const found = JSON.stringify(durationMs);
    return refusal(400, `durationMs: found ${found}, a number of milliseconds is needed`);
  }
  return { status: 200, body: promises.give(given, durationMs) };
}

/** The one who asks waits for the outcome; here it is only begun. */
function override(parts: RouteParts, { body }: Question): Answer {
  const to = podIn(parts, body);
  if (to.kind === 'refused') return to.answer;
  void overrule(parts, to.pod, false);
  return { status: 200, body: {} };
}

const leaseMissing = refusal(400, 'lease: a Lease object is needed');

function leaseIn(body: unknown): V1Lease | null {
  return parseLease(fieldsOf(body)['lease']);
}
