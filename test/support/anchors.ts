/** The anchors of a document's headings, as on GitHub: of two equal ones the second ends in -1. */
export function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>()
  const outsideCode = text.replace(/^```.*?^```/gms, '')
  return [...outsideCode.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const slug = plain.replace(/[^\w\- ]/g, '').replaceAll(' ', '-')
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    return count === 0 ? slug : `${slug}-${count}`
  })
}
