/**
 * `describe` where there is a docker engine: `npm test` says in DOCKER_HOST which one, and prints
 * why when there is none. Counted as skipped otherwise.
 */
export const describeWithDocker: typeof describe.skip = process.env['DOCKER_HOST'] ? describe : describe.skip;

/**
 * What tests make in docker has it, so that the next run can remove what a crashed one left; the
 * same name is in scripts/docker.
 */
export const LABELS: Readonly<Record<string, string>> = { 'nest-jetstream.test.pid': String(process.pid) };
