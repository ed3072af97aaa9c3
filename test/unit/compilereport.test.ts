/** The report of the GPU compilers: which rows are those of today's kernels, and how listings and mirrors are read. */
import { describe, expect, it, test } from 'vitest'
import { reportPipelines } from '../../harness/compilereport/cases'
import { pipelineHash } from '../../harness/compilereport/collect'
import { FAMILIES } from '../../harness/compilereport/families'
import { innermostLoops, instructionsPerMultiply } from '../../harness/compilereport/loops'
import { mirrorIn } from '../../harness/compilereport/packages'
import { type Compiled, mergedRows, type Report, readReport, reported } from '../../harness/compilereport/report'
import { compiledTable, compilersTable, compilerTable } from '../docs/tables/compilers'

const pipelines = reportPipelines()
const numbers: Compiled = {
  ...{ registers: 71, spills: 0, instructions: 1234, codeBytes: 5678, occupancy: 14, perMultiply: 1.25, seconds: 0.5 },
}
const asReported = ({ stem, shapes, hash, memory }: (typeof pipelines)[number]): Report['rows'][number] => ({
  ...{ stem, shapes, hash, memory },
  compiled: { navi21: numbers },
})
const report: Report = {
  ...{ date: '2026-11-26', commit: null, cpu: '' },
  compilers: { navi21: { gpu: 'AMD', compiler: 'ACO', mesa: '25', dawn: '0.6' } },
  rows: pipelines.map(asReported),
}

describe('a kernel that changes', () => {
  const { stem, code, constants, hash } = pipelines.find((p) => p.stem === 'fused_gradient')!
  const changed = code.replace('TILE: u32 = 16', 'TILE: u32 = 32')

  it('has another hash, but not for a comment or a space', () => {
    expect(changed).not.toBe(code)
    expect(pipelineHash(code, constants)).toBe(hash)
    expect(pipelineHash(`// a comment\n${code.replaceAll('  ', ' ')}`, constants)).toBe(hash)
    expect(pipelineHash(changed, constants)).not.toBe(hash)
    expect(pipelineHash(code, { ...constants, WORKGROUP: 32 })).not.toBe(hash)
  })

  it('has no numbers in the tables any more, and the others keep theirs', () => {
    const today = pipelines.map((p) => (p.hash === hash ? { ...p, hash: pipelineHash(changed, constants) } : p))
    const stale = reported(today, report).filter((row) => row.stale)
    expect(stale.map((row) => row.stem)).toEqual([stem])
    expect(stale[0].compiled).toEqual({})
    const line = (text: string): string[] =>
      text
        .split('\n')
        .find((l) => l.includes(`\`${stem}\``))!
        .split('|')
        .map((cell) => cell.trim())
        .filter(Boolean)
    expect(line(compilerTable(pipelines, report))).toContain('1,234')
    const now = compilerTable(today, report)
    expect(line(now).slice(3)).toEqual(['out of date'])
    expect(now).toContain('1,234') // of dense_forward
    expect(line(compiledTable(today, report))).toContain('out of date')
    expect(line(compiledTable(pipelines, report))).toContain('71')
  })
})

test('a record of some kernels keeps the rows of the others, and leaves out what has changed', () => {
  const [first, second, third] = pipelines
  const changed = { ...third, hash: 'another' }
  const other = { ...numbers, registers: 5 }
  const rows = mergedRows([first, second, changed], [second], { ada: [other] }, report)
  expect(rows.map(({ stem, hash }) => [stem, hash])).toEqual([first, second].map(({ stem, hash }) => [stem, hash]))
  expect(rows[0].compiled).toEqual({ navi21: numbers })
  expect(rows[1].compiled).toEqual({ navi21: numbers, ada: other })
  expect(mergedRows([first, second], [second], { ada: [null] }, null).map(({ compiled }) => compiled)).toEqual([
    { ada: null },
  ])
})

test('layers of grids are compiled for every way of reading them', () => {
  const stems = new Set(pipelines.map(({ stem }) => stem))
  for (const stem of [
    'conv_forward',
    'conv_forward.bits',
    'conv_backward_weight.bytes',
    'conv_backward_input',
    'pool_backward',
    'layer_norm_forward',
  ]) {
    expect(stems).toContain(stem)
  }
})

test('without a report there are no numbers', () => {
  expect(reported(pipelines, null).every(({ stale }) => stale)).toBe(true)
  expect(compilersTable(null).split('\n')).toHaveLength(2)
})

test('the report in the checkout: versions, and numbers of every compiler that it names', () => {
  const kept = readReport()!
  expect(Object.keys(kept.compilers).sort()).toEqual(Object.keys(FAMILIES).sort())
  for (const { mesa, dawn } of Object.values(kept.compilers))
    expect(`${mesa} ${dawn}`).toMatch(/^\d+\.\d+\.\S+ \d+\.\d+\.\d+$/)
  for (const { stem, hash, compiled } of kept.rows) {
    expect(hash).toMatch(/^[0-9a-f]{16}$/)
    expect(Object.keys(compiled).length, stem).toBeGreaterThan(0)
    for (const value of Object.values(compiled)) if (value) expect(Object.keys(value)).toEqual(Object.keys(numbers))
  }
  expect(JSON.stringify(kept)).not.toMatch(/https?:|\/home\/|\/root\//)
})

describe('the loops of a listing', () => {
  // A loop in a loop, whose way out lies before its end; twice two multiplications of four instructions.
  const amd = [
    'BB0:',
    '\ts_mov_b32 s0, 0',
    'BB1:',
    '\tv_add_u32_e32 v1, v1, v2',
    'BB2:',
    '\ts_cbranch_scc1 BB4',
    'BB3:',
  ]
    .concat(Array.from({ length: 16 }, (_, i) => `\tv_${i % 2 ? 'fmac' : 'mul'}_f32_e32 v1, v2, v3`))
    .concat([
      '\ts_add_i32 s0, s0, 1',
      '\ts_branch BB2',
      'BB4:',
      '\tv_mov_b32_e32 v1, v2',
      '\ts_cbranch_scc0 BB1',
      '\ts_endpgm',
    ])
    .join('\n')

  it('of AMD: only the inner one, without what follows it', () => {
    expect(innermostLoops(amd, FAMILIES.navi21.listing!)).toEqual([
      { instructions: 19, multiplies: 16, special: false },
    ])
    expect(instructionsPerMultiply(amd, FAMILIES.navi21.listing!)).toBe(19 / 16)
  })

  it('of NVIDIA: code that a loop leaves to, placed inside of it, does not count', () => {
    const nak = [
      'block 0 L1 [] -> {',
      '      r0 = mov rZ // delay=1',
      'block 1 L2 [0, 3] -> {',
      '@!p0  bra pT L4 // delay=1',
    ]
      .concat(['block 2 L3 [1] -> {', '      st.global r1 // delay=1', '      exit // delay=1', 'block 3 L4 [1] -> {'])
      .concat(Array.from({ length: 16 }, () => '      r1 = ffma.ftz r2 r3 r1 // delay=4'))
      .concat(['      bra pT L2 // delay=1', '}'])
      .join('\n')
    expect(innermostLoops(nak, FAMILIES.ada.listing!)).toEqual([{ instructions: 18, multiplies: 16, special: false }])
  })

  it('of Adreno: repeated instructions count as often as they run', () => {
    const ir3 = 'l1:\n(ss)(rpt3)mad.f32 r0.x, r1.x, r2.x, r0.x\n(rpt1)nop\nbr !p0.x, #l1\nend'
    expect(innermostLoops(ir3, FAMILIES.adreno730.listing!)).toEqual([
      { instructions: 7, multiplies: 4, special: false },
    ])
    expect(instructionsPerMultiply(ir3, FAMILIES.adreno730.listing!)).toBeNull() // too few for a product
  })

  it('a program without loops has none', () => {
    expect(innermostLoops('BB0:\n\tv_mul_f32_e32 v1, v2, v3\n\ts_endpgm', FAMILIES.navi31.listing!)).toEqual([])
  })
})

test("Debian's mirror, from either form of a list, and not that of the security updates", () => {
  const mirror = 'http://mirror.invalid/debian'
  const security = 'http://mirror.invalid/debian-security'
  expect(mirrorIn(`Types: deb\nURIs: ${security}\nSuites: x\n\nTypes: deb\nURIs: ${mirror}\nSuites: bookworm\n`)).toBe(
    mirror,
  )
  expect(mirrorIn(`deb ${security} bookworm-security main\ndeb [arch=amd64] ${mirror} bookworm main\n`)).toBe(mirror)
  expect(mirrorIn('deb http://mirror.invalid/ubuntu noble main\n')).toBeNull()
})
