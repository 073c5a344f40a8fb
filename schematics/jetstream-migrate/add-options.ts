import { prependElement } from '../shared/edit/list-edits';
import { restyle } from '../shared/edit/restyle';
import { detectStyle } from '../shared/source/code-style';
import { findProperty } from '../shared/source/parse';
import { ts } from '../shared/source/typescript';
import { render } from '../shared/template/render';
import { findOptions } from './find-options';
import { combined, type Rewrite } from './migrated-file';

/**
 * Adds the options that the transport needs and the plugin did not have. Runs after the other
 * options are rewritten, because they may become empty.
 * @param id id of the service. Undefined in a library of several services.
 */
export function addOptions(source: ts.SourceFile, id: string | undefined): Rewrite {
  const open = [...findOptions(source).literals].filter(([options]) => !options.properties.some(ts.isSpreadAssignment));
  return combined(
    open.map(([options, kind]): Rewrite => {
      if (kind === 'connection') return { edits: [] };
      if (kind === 'consumer') return addDurable(source, options);
      if (id === undefined || findProperty(options, 'id')) return { edits: [] };
      return { edits: prepended(source, options, render('jetstream-migrate/id.ts', { id })) };
    }),
  );
}

/** Keeps consumers without a position. By default, the transport stores one. */
function addDurable(source: ts.SourceFile, options: ts.ObjectLiteralExpression): Rewrite {
  if (findProperty(options, 'durable') || findProperty(options, 'orderedConsumer')) return { edits: [] };
  const sentence =
    'Without a durable, each start of each instance reads the stream again. Set durable to a name to keep the position.';
  return {
    edits: prepended(source, options, render('jetstream-migrate/ephemeral.ts', {})),
    decisions: [{ position: options.getStart(source), sentence }],
  };
}

function prepended(source: ts.SourceFile, options: ts.ObjectLiteralExpression, property: string) {
  // In parentheses, because a property alone is a label.
  const code = restyle(`({ ${property} })`, detectStyle(source)).slice('({ '.length, -' })'.length);
  return prependElement(source, options, code);
}
