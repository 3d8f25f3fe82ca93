import { messageOf } from '../../agent/errors.ts';
import { keepEvidence } from '../experiment/evidence.ts';
import { fault } from '../experiment/machine-post.ts';
import { adoptClock } from '../workload/wall-clock.ts';
import type { MakeFault } from './concert.ts';
import type { Outcome } from './outcome.ts';
import type { Case, Install, Scenario, ScenarioId } from './scenario.ts';
import { Stage, type Ground } from './stage.ts';
import { Trial } from './trial.ts';

/** A case with the scenario that it belongs to. */
export interface Part {
  readonly scenario: Scenario;
  readonly case: Case;
}

/** Plays cases one after the other, and installs as few sets for them as is sound. */
export class Director {
  readonly #ground: Ground;
  readonly #prefix: string;
  #stage: Stage | null = null;
  #installedCount = 0;

  /** @param prefix the beginning of the names of all namespaces */
  constructor(ground: Ground, prefix: string) {
    this.#ground = ground;
    this.#prefix = prefix;
  }

  /** How the set is installed that is there, as JSON; `null` when there is none. */
  get installed(): string | null {
    return this.#stage === null ? null : JSON.stringify(this.#stage.install);
  }

  /**
   * Plays a case once. Whatever goes wrong is an objection in the outcome.
   *
   * @param makeFault what disturbs the cluster, when others go through it as well
   */
  async play(
    { scenario, case: played }: Part,
    run: number,
    makeFault: MakeFault = fault,
  ): Promise<Outcome> {
    adoptClock();
    try {
      const stage = await this.#stageFor(played.install ?? {});
      const trial = await Trial.begin({ stage, played, fault: makeFault });
      try {
        await played.play(trial);
      } catch (error) {
        trial.object(messageOf(error));
      }
      const outcome = { scenario: scenario.id, run, ...(await trial.end()) };
      if (outcome.objections.length === 0) return outcome;
      return await this.#explained(outcome);
    } catch (error) {
      return this.#explained({
        ...nothing(scenario.id, played, run),
        objections: [messageOf(error)],
      });
    }
  }

  /** Removes what is installed, unless it is to be kept. */
  async end(isKept: boolean): Promise<void> {
    const stage = this.#stage;
    this.#stage = null;
    if (!isKept) await stage?.close();
  }

  /** A set as the case wants it: the one that is there when it is the same, else a new one. */
  async #stageFor(install: Install): Promise<Stage> {
    const isSame = this.installed === JSON.stringify(install);
    if (this.#stage !== null && isSame && install.isOwn !== true) {
      await this.#stage.ready();
      return this.#stage;
    }
    await this.end(false);
    this.#installedCount += 1;
    const namespace = `${this.#prefix}-${this.#installedCount}`;
    // Known before it is open: what could not be installed has to be removed as well.
    const stage = new Stage(this.#ground, install, namespace);
    this.#stage = stage;
    await stage.open();
    return stage;
  }

  /** A run that is not passed, with what there is to read about it. What comes next begins anew. */
  async #explained(outcome: Outcome): Promise<Outcome> {
    if (this.#stage === null) return outcome;
    const name = `${outcome.scenario}-${outcome.case.replaceAll(/\W+/g, '-')}-${outcome.run}`;
    const evidence = await keepEvidence(this.#stage.set, name);
    await this.end(false);
    return { ...outcome, figures: { ...outcome.figures, evidence } };
  }
}

/** The cases of some scenarios, as far as they can and shall be played there. */
export function partsOf(
  scenarios: readonly Scenario[],
  { isTestbed, isBrief }: Pick<Ground, 'isTestbed' | 'isBrief'>,
): Part[] {
  const parts = scenarios.flatMap((scenario) =>
    scenario.cases.map((one) => ({ scenario, case: one })),
  );
  return parts.filter(
    ({ case: { needsTestbed = false, isExtra = false } }) =>
      (isTestbed || !needsTestbed) && !(isBrief && isExtra),
  );
}

function nothing(scenario: ScenarioId, played: Case, run: number): Omit<Outcome, 'objections'> {
  return {
    ...{
      scenario,
      case: played.name,
      run,
      serviceGapMs: null,
      podsGapMs: null,
      handOverGapsMs: [],
      strayMs: null,
    },
    ...{ acknowledgedCount: 0, lostCount: 0, figures: {} },
  };
}
