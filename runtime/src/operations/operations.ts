import type { DescribedConnection } from './describe-application';
import { onConnection, type Operation, type OperationTarget } from './operation-target';
import { planConnections, type ConnectionPlan } from './plan';
import { planText } from './plan-text';
import { replayConsumer, replayText } from './replay';

const plan: Operation<object, readonly ConnectionPlan[]> = {
  run: async (target) => planConnections(declarationsOf(target)),
  text: planText,
};

/** Operations of the command line, by name. */
export const OPERATIONS = {
  plan,
  replay: onConnection(replayConsumer, replayText),
};

export type OperationName = keyof typeof OPERATIONS;
type Named<Name extends OperationName> = (typeof OPERATIONS)[Name];
/** Options of an operation, as JSON. */
export type OptionsOf<Name extends OperationName> = Parameters<Named<Name>['run']>[1];
/** Result of an operation, as JSON. */
export type ResultOf<Name extends OperationName> = Awaited<ReturnType<Named<Name>['run']>>;
/** Progress of an operation, as JSON. */
export type ProgressOf<Name extends OperationName> = Parameters<Parameters<Named<Name>['run']>[2]>[0];

function declarationsOf({ connections }: OperationTarget): DescribedConnection[] {
  return connections.map(({ declared }) => {
    if (declared) return declared;
    throw new TypeError('The operation needs an application.');
  });
}
