/** Edits (insert, delete, replace) between two words, ignoring case. */
function editDistance(a: string, b: string): number {
  const [s, t] = [a.toLowerCase(), b.toLowerCase()]
  let row = Array.from({ length: t.length + 1 }, (_, j) => j)
  for (let i = 1; i <= s.length; i++) {
    const next = [i]
    for (let j = 1; j <= t.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (s[i - 1] === t[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[t.length]
}

/** ` (did you mean "numEnvs"?)`, or empty if no known word is similar. */
export function suggest(word: string, known: readonly string[]): string {
  const best = nearest(word, known)
  return best === undefined ? '' : ` (did you mean ${JSON.stringify(best)}?)`
}

/** The known word that was probably meant by `word`. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word === '') return undefined
  const begins = known.find((k) => k.toLowerCase().startsWith(word.toLowerCase()))
  const ranked = known.map((k) => ({ k, d: editDistance(word, k) })).sort((x, y) => x.d - y.d)
  const close = ranked.find(({ k, d }) => d <= Math.max(2, Math.floor(k.length / 3)) && d < word.length)
  return close?.k ?? begins
}
