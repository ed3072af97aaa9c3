/** Markdown of the tables that `npm run tables` writes. */

export const code = (text: string): string => `\`${text}\``

/** A table with all columns as wide as their widest cell. */
export function table(head: string[], rows: string[][]): string {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((cells) => cells[i].length)))
  const line = (cells: string[], fill = ' ') =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i], fill)).join(' | ')} |`
  return [head, head.map(() => ''), ...rows].map((cells, i) => line(cells, i === 1 ? '-' : ' ')).join('\n')
}

/** `12345` as `12,345`. */
export const grouped = (value: number): string => value.toLocaleString('en-US')
