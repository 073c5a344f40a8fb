import { Scenario, type ScenarioOptions } from './scenario';

/**
 * An upper bound for one row. Rows run in parallel, each with its own server, so they take longer.
 */
const LIMIT_MS = Number(process.env['CONFORMANCE_ROW_LIMIT_MS'] ?? 5 * 60_000);
jest.setTimeout(LIMIT_MS);

const open: Scenario[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (scenario) => scenario.close()));
});

/** Opens a scenario that is closed after the test. */
export async function startScenario(options: ScenarioOptions): Promise<Scenario> {
  const scenario = await Scenario.open(options);
  open.push(scenario);
  return scenario;
}
