import { median, pairedRatios, summary } from './statistics.mjs';

/**
 * The rows of a group from what its variants measured. A row compares a figure of `variant` with
 * that of `against`; without `against` it is the figure itself.
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
