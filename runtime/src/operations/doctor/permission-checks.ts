import type { Examination } from './examination';
import { findingOf, type Finding } from './finding';
import { requiredPermissions } from './required-permissions';
import { UserPermissions } from './user-permissions';

/** Finds subjects that the service uses, and its user may not. */
export async function checkPermissions(examination: Examination): Promise<Finding[]> {
  const { service, open, session, reads } = examination;
  if (!service) return [];
  const { connection } = open;
  const user = await reads.attempt(async () => UserPermissions.read(connection, session.timeoutMs));
  if (!user) return [];
  const missing = requiredPermissions(examination, service)
    .filter(({ operation, subject }) => !user.allows(operation, subject))
    .map(({ operation, subject, use }) =>
      findingOf(
        'PERMISSION_MISSING',
        `The service may not ${operation} to '${subject}', and needs it to ${use}.`,
        `Allow its user to ${operation} to '${subject}'.`,
      ),
    );
  return [...missing, ...unpublishable(examination, user)];
}

/** A service that only handles events may lack these permissions. */
function unpublishable({ session }: Examination, user: UserPermissions): Finding[] {
  return session.streams
    .all()
    .flatMap(({ config: { name: stream, subjects = [] } }) =>
      subjects
        .filter((subject) => !user.allowsSome('publish', subject))
        .map((subject) =>
          findingOf(
            'PUBLISH_PERMISSION_MISSING',
            `The service declares stream '${stream}', and may not publish to '${subject}'.`,
            `Allow its user to publish to '${subject}', unless the service only handles these events.`,
            { stream },
          ),
        ),
    );
}
