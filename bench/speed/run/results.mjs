import { median, pairedRatios, summary } from './statistics.mjs';

/**
 * Returns the rows of a group. A row is the ratio of a figure of `variant` to that of `against`, or
 * the figure itself without `against`.
 */
export function rowsOf(group, measured) {
  return group.rows.map(({ name, variant, against, figure, unit, target, note }) => {
    const own = measured[variant];
    if (!own) return { name, skipped: note ?? 'not measured' };
    const base = against && measured[against];
    if (against && !base) return { name, skipped: `without ${against}` };
    return {
      name,
      figure,
      unit,
      target,
      variant,
      against,
      value: summary(base ? pairedRatios(own, base, figure) : own.map((run) => run[figure])),
      own: median(own.map((run) => run[figure])),
      base: base && median(base.map((run) => run[figure])),
      perSecond: own[0].perSecond === undefined ? undefined : median(own.map((run) => run.perSecond)),
      basePerSecond: base?.[0].perSecond === undefined ? undefined : median(base.map((run) => run.perSecond)),
      runs: own.length,
    };
  });
}
