export const HEAD = '| | plain | typed | ratio |\n|---|---|---|---|';

/**
 * Formats a row with one figure of both contracts and their ratio. It uses the minimum, because
 * other load of the machine only adds.
 */
export function row(name, plain, typed, digits = 0) {
  const [a, b] = [Math.min(...plain), Math.min(...typed)];
  return `| ${name} | ${format(a, digits)} | ${format(b, digits)} | ${format(b / a, 2)} |`;
}

/**
 * Formats a row with the median time to completions in ms. An editor has slow ones too, so the
 * minimum would be too optimistic.
 */
export function completionRow(name, plain, typed) {
  const [a, b] = [plain, typed].map(
    ({ offered, times }) => `${format(median(times), 1)}${offered ? '' : ', not offered'}`,
  );
  return `| ${name} | ${a} | ${b} | ${format(median(typed.times) / median(plain.times), 2)} |`;
}

function median(figures) {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)];
}

const format = (figure, digits) =>
  figure.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
