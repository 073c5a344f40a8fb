/**
 * `describe` if a docker engine is available, else `describe.skip`. `npm test` sets DOCKER_HOST, or
 * prints why there is none.
 */
export const describeWithDocker: typeof describe.skip = process.env['DOCKER_HOST'] ? describe : describe.skip;

/**
 * Labels of everything that tests create in docker, so that the next run can remove what a crashed
 * run left. scripts/docker uses the same name.
 */
export const LABELS: Readonly<Record<string, string>> = { 'nest-jetstream.test.pid': String(process.pid) };
