import type { Rule } from '@angular-devkit/schematics';
import { SchematicError } from '../shared/errors';
import { chooseEventStyle, rememberStyle, validatorsOf } from '../shared/event/event-style';
import { extendRequester } from '../shared/event/extend-publisher';
import { askForFields } from '../shared/event/provide-event';
import { splitName } from '../shared/naming/name-option';
import { CachedTree } from '../shared/source/cached-tree';
import { openContext } from '../shared/context';
import { classNameIn } from '../shared/project/class-file';
import { formatChanges } from '../shared/edit/format-changes';
import { compileLibrary } from '../shared/project/library';
import { registerClass } from '../shared/project/register-class';
import { specSuffix } from '../shared/project/spec-suffix';
import { askForName } from '../shared/prompt/ask-for-name';
import { findStreams } from '../shared/project/streams';
import { warnAboutHandler } from '../shared/project/warn-about-handler';
import { findResponder, withExistingRequest } from './existing-request';
import type { RequestSchematicOptions } from './options';
import { planRequest, refuseStoredSubject, requestSubject } from './request-plan';
import { writeContract } from './write-contract';
import { writeResponder } from './write-responder';

const QUESTION = 'Which subject is the request sent on, such as quote.price?';

/**
 * `nest g jetstream-request quote.price` generates the types of request and reply, the handler and
 * its spec.
 */
export function jetstreamRequest(options: RequestSchematicOptions): Rule {
  return async (host, { logger }) => {
    const tree = new CachedTree(host);
    const context = openContext(tree, logger, options);
    const { project, terminal } = context;
    const answer = await askForName(options.name, terminal, QUESTION, (name) =>
      requestSubject(splitName('subject', name).name),
    );
    const plan = withExistingRequest(tree, project, planRequest(project, { ...options, ...answer }));
    rememberStyle(tree, options.style);
    const suffix = specSuffix(options);
    const { contractFile, subject, constant } = plan;
    if (project.isLibrary && suffix !== undefined) compileLibrary(tree, project);
    refuseStoredSubject(findStreams(tree, project), subject);

    if (!tree.exists(contractFile)) {
      const request = await askForFields(options.type, `Fields of the request ${subject}`, 'type', terminal);
      const reply = await askForFields(options.reply, 'Fields of the reply', 'reply', terminal, 'ok: boolean');
      const style = await chooseEventStyle(tree, options.style, terminal);
      const validators = validatorsOf(tree);
      writeContract(context, plan, { request, reply }, style, validators);
      extendRequester(context, { constant, path: contractFile, kind: 'request' });
      writeResponder(context, plan, { request, reply }, style, validators, suffix);
      warnAboutHandler(tree, logger, project);
    } else if (!tree.readText(contractFile).includes(subject)) {
      const message = `${contractFile} already declares another subject. Choose another name with npx nest-jetstream generate --request-name.`;
      throw new SchematicError('NAME_TAKEN', message, constant);
    }

    const path = findResponder(tree, project, plan);
    if (path === undefined) logger.info(`${contractFile} already declares ${subject}, so no handler was generated.`);
    else if (options.skipImport !== true)
      registerClass(context, ['controllers'], { name: classNameIn(tree, path, plan.responderClass), path });
    await formatChanges(tree, logger);
  };
}
