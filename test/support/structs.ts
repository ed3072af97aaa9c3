/**
 * Random structs, as WGSL with comments, attributes and spellings of all kinds, and the offset of each of their
 * numbers: computed from the same tree by the rules of the WGSL specification, without parsing.
 */
import fc from 'fast-check'

export type Kind = 'f32' | 'u32' | 'i32'
export type Tree =
  | { is: 'scalar'; kind: Kind }
  | { is: 'vector'; kind: Kind; width: number; short: boolean }
  | { is: 'array'; of: Tree; count: number; spelling: number }
  | { is: 'struct'; members: MemberTree[]; trailing: boolean }
export interface MemberTree {
  type: Tree
  /** Bytes more than the type needs; steps of its alignment; null for none. */
  more: number | null
  align: number | null
  aliased: boolean
}

const kind = fc.constantFrom<Kind>('f32', 'u32', 'i32')
const { tree } = fc.letrec<{ tree: Tree; struct: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({ is: fc.constant('scalar' as const), kind }),
    fc.record({ is: fc.constant('vector' as const), kind, width: fc.integer({ min: 2, max: 4 }), short: fc.boolean() }),
    fc.record({
      is: fc.constant('array' as const),
      of: tie('tree'),
      count: fc.integer({ min: 1, max: 4 }),
      spelling: fc.nat(5),
    }),
    tie('struct'),
  ),
  struct: fc.record({
    is: fc.constant('struct' as const),
    members: fc.array(memberOf(tie('tree')), { minLength: 1, maxLength: 5 }),
    trailing: fc.boolean(),
  }),
}))
function memberOf(type: fc.Arbitrary<Tree>): fc.Arbitrary<MemberTree> {
  return fc.record({
    type,
    more: fc.option(fc.nat(20), { freq: 2 }),
    align: fc.option(fc.nat(2), { freq: 2 }),
    aliased: fc.boolean(),
  })
}
export type Struct = Extract<Tree, { is: 'struct' }>
export const randomStruct: fc.Arbitrary<Struct> = fc.record({
  is: fc.constant('struct' as const),
  members: fc.array(memberOf(tree), { minLength: 1, maxLength: 6 }),
  trailing: fc.boolean(),
})

/** Text that may be between any two tokens. */
export const gap = fc.constantFrom(
  ...[' ', '\n', '\r\n', '\t', ' ', ' ', '/* } */', '/* /* ; */ struct S { x: f32 } */', '// a: f32, }\n'],
  ...['/// a doc comment: array<f32, 3>;\n', '/**/ ', '\u2028', '/*\n// */'],
)

const up = (align: number, size: number) => size + ((align - (size % align)) % align)
export const sizeOf = (t: Tree): number =>
  t.is === 'scalar'
    ? 4
    : t.is === 'vector'
      ? 4 * t.width
      : t.is === 'array'
        ? t.count * up(alignOf(t.of), sizeOf(t.of))
        : up(alignOf(t), placesOf(t).at(-1)!.end)
export const alignOf = (t: Tree): number =>
  t.is === 'scalar'
    ? 4
    : t.is === 'vector'
      ? t.width === 2
        ? 8
        : 16
      : t.is === 'array'
        ? alignOf(t.of)
        : Math.max(...t.members.map(memberAlign))
const memberAlign = ({ type, align }: MemberTree) => alignOf(type) * 2 ** (align ?? 0)

function placesOf({ members }: Struct): { at: number; end: number }[] {
  const places: { at: number; end: number }[] = []
  for (const member of members) {
    const at = up(memberAlign(member), places.at(-1)?.end ?? 0)
    places.push({ at, end: at + sizeOf(member.type) + (member.more ?? 0) })
  }
  return places
}

/** Every number: its path, its kind, its place in bytes. */
export function numbersOf(t: Tree, path: string, at: number): [string, Kind, number][] {
  switch (t.is) {
    case 'scalar':
      return [[path, t.kind, at]]
    case 'vector':
      return Array.from({ length: t.width }, (_, i) => [`${path}[${i}]`, t.kind, at + 4 * i])
    case 'array': {
      const stride = up(alignOf(t.of), sizeOf(t.of))
      return Array.from({ length: t.count }, (_, i) => numbersOf(t.of, `${path}[${i}]`, at + i * stride)).flat()
    }
    case 'struct': {
      const places = placesOf(t)
      return t.members.flatMap(({ type }, i) => numbersOf(type, `${path && `${path}.`}m_${i}`, at + places[i].at))
    }
  }
}

/** The tree as tokens; structs and aliases that it needs are put before it. */
class Writer {
  readonly before: string[][] = []
  private count = 0

  type(t: Tree): string[] {
    if (t.is === 'scalar') return [t.kind]
    if (t.is === 'vector') return t.short ? [`vec${t.width}${t.kind[0]}`] : [`vec${t.width}`, '<', t.kind, '>']
    if (t.is === 'array') return ['array', '<', ...this.type(t.of), ',', ...this.length(t), '>']
    return [this.struct(t)]
  }

  private length({ count, spelling }: Extract<Tree, { is: 'array' }>): string[] {
    const name = `N${this.count++}`
    this.before.push(['const', name, ':', 'u32', '=', '2', '*', `${count}`, '-', `${count}u`, ';'])
    const spelled = [
      [`${count}`],
      [`${count}u`],
      [`0x${count.toString(16)}`],
      [name],
      ['(', `${4 * count}`, '>>', '2', ')', ','],
      ['max', '(', '1', ',', name, ')'],
    ]
    return spelled[spelling]
  }

  struct(t: Struct, name = `T${this.count++}`): string {
    const members = t.members.flatMap(({ type, more, align, aliased }, i) => {
      const size = more === null ? [] : ['@', 'size', '(', `${sizeOf(type)}`, '+', `${more}`, ')']
      const on = align === null ? [] : ['@', 'align', '(', `${alignOf(type)}u`, '<<', `${align}`, ')']
      const last = i === t.members.length - 1 && !t.trailing
      return [...size, ...on, `m_${i}`, ':', ...this.named(this.type(type), aliased), ...(last ? [] : [','])]
    })
    this.before.push(['struct', name, '{', ...members, '}'])
    return name
  }

  private named(type: string[], aliased: boolean): string[] {
    if (!aliased) return type
    const name = `A${this.count++}`
    this.before.push(['alias', name, '=', ...type, ';'])
    return [name]
  }
}

/** The source of `t`, with `gaps` between its tokens, one after the other; `first` is put before its first member. */
export function sourceOf(t: Struct, gaps: string[], first: string[] = []): string {
  const writer = new Writer()
  writer.struct(t, 'EnvState')
  writer.before.at(-1)!.splice(3, 0, ...first)
  return writer.before
    .flat()
    .map((token, i) => token + gaps[i % gaps.length])
    .join('')
}
