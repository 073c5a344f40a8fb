/** Appends the place of measurement to the names of rows. */
export function inPlace(place, rows) {
  for (const row of rows) row.name += `, ${place}`;
  return rows;
}
