import { expect, test } from '@jest/globals';
import { judgedLog, type AppendLog, type LogLook } from '../../../agent/core/append-log.ts';

const quiet: LogLook = { role: 'replica', syncing: false, aofEnabled: true, aofRewriting: false };
const rewriting = { ...quiet, aofRewriting: true };
const syncing = { ...quiet, syncing: true, aofEnabled: false };
const off = { ...quiet, aofEnabled: false };
const primary: LogLook = { ...quiet, role: 'primary' };
const primaryRewriting = { ...primary, aofRewriting: true };
const primaryOff = { ...primary, aofEnabled: false };

function afterAll(looks: readonly LogLook[]): boolean | undefined {
  let judgement: AppendLog | null = null;
  for (const look of looks) judgement = judgedLog(judgement, look);
  return judgement?.isBehind;
}

test.each<[string, readonly LogLook[], boolean]>([
  ['of a process that loaded it', [quiet], false],
  ['during a resync', [quiet, syncing], true],
  ['that is made after a resync', [quiet, syncing, rewriting], true],
  ['that is made after a resync that nobody saw', [quiet, rewriting], true],
  ['that was made after a resync', [quiet, syncing, rewriting, quiet], false],
  ['that is switched off since a resync broke off', [quiet, syncing, off], true],
  ['of a replica that was promoted meanwhile', [quiet, rewriting, primaryRewriting], true],
  ['of one promoted after a resync that nobody saw', [quiet, primaryRewriting], true],
  ['of one promoted after a resync that broke off', [syncing, off, primaryRewriting], true],
  ['that a promoted one has made', [quiet, rewriting, primaryRewriting, primary], false],
  ['of an agent that has just begun', [primaryRewriting], true],
  ['that a primary begins to keep', [primaryOff, primaryRewriting], true],
  ['that a primary keeps', [primaryOff, primaryRewriting, primary, primaryRewriting], false],
  ['that a primary kept until somebody switched it off', [primary, primaryOff], true],
  ['that nobody keeps', [off, { ...off, syncing: true }, off], false],
])('a log %s is behind the data or not', (_, looks, isBehind) => {
  expect(afterAll(looks)).toBe(isBehind);
});
