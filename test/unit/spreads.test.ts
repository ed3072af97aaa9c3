/**
 * A list spread into the arguments of a call is put on the stack, which has room for some 100,000: only short lists are
 * allowed.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { largest, smallest } from '../../src/extremes'

/** Calls that may spread a list, and why it is short. By file, with the beginning of the call. */
const BOUNDED: Record<string, [call: string, why: string][]> = {
  'envs/lunar_lander/box2d/broadphase.ts': [
    ['Math.min(...corners', 'the corners of a box'],
    ['Math.max(...corners', 'the corners of a box'],
  ],
  'envs/lunar_lander/box2d/state.ts': [
    ['Math.min(...corners', 'the corners of a box'],
    ['Math.max(...corners', 'the corners of a box'],
  ],
  'harness/cli/args.ts': [['Math.max(...left', 'the flags of a command']],
  'harness/bench/measure.ts': [
    ['convolutions.push(...(await measureConvolutions', 'a row for each pass of a layer'],
    ['rows.push(...(await runRivals', 'a row for each library and case'],
    ['rows.push(...beside', 'a row for each environment'],
    ['skipped.push(...beside', 'a row for each environment'],
  ],
  'harness/cli.ts': [['Math.max(...COMMANDS', 'the commands']],
  'harness/commands/soak.ts': [['Math.max(...Object.keys(FAULTS)', 'the kinds of fault']],
  'src/compare/stages.ts': [['stages.push(...compareSamples', 'the stages']],
  'harness/page/tasks/replay.ts': [['dispatches.push(...updateMinibatch', 'the dispatches of a minibatch: layers']],
  'harness/page/tasks/convolutions.ts': [['times.push(...(await timeLayer', 'the passes of a layer']],
  'harness/protocol/wire.ts': [['String.fromCharCode(...bytes.subarray', '32,768 bytes at once']],
  'harness/setup/options.ts': [['Math.max(...OPTION_NAMES', 'the options']],
  'src/plan/buffers.ts': [['Math.max(...hidden', 'actor and critic']],
  'src/plan/fusedshape.ts': [['Math.max(...layout.networks', 'actor and critic']],
  'src/gpu/dispatch.ts': [['pass.dispatchWorkgroups(...workgroups', 'three axes']],
  'src/plan/kernels.ts': [['stems.push(...NORMALISER_KERNELS', 'kernels']],
  'src/plan/layered.ts': [['list.push(', 'the dispatches of a step: layers']],
  'src/run/remedies.ts': [['Math.max(0, ...shape.actorHidden', 'layers: at most 16 each']],
  'src/model/dense/dispatches.ts': [
    ['Math.max(...layers', 'actor and critic'],
    ['Math.max(...across', 'actor and critic'],
  ],
  'src/reference/sample.ts': [['normals.push(...normalPair', 'two numbers']],
  'src/checkpoint/tensors.ts': [
    ['tensor(', 'the axes of a tensor'],
    ['floats(', 'the axes of a tensor'],
  ],
  'src/wgsl/constants.ts': [['known(...values', 'the arguments of a call in WGSL']],
  'src/worker/worker.ts': [['(ANSWERS[call]', 'the arguments of a method']],
  'harness/verify/planar.ts': [['checks.push(...stepChecks', 'the quantities of a step']],
  'harness/verify/planarfile.ts': [['Math.max(0, model.floor', 'the capsules of a robot']],
  'harness/verify/planarstale.ts': [['Math.hypot(...x', 'the degrees of freedom of a robot']],
  'envs/planar/forward.ts': [['rows.push(...contactRows', 'the rows of a contact: at most four']],
  'src/envcheck/coverage.ts': [['notes.push(...constants', 'at most eight lines']],
  'src/run/tuning.ts': [['Math.min(...times', 'the candidates of a search']],
  'harness/commands/new_env.ts': [['made.push(...makeFolder', 'one folder']],
  'harness/newenv/newenv.ts': [
    ['Math.max(...files', 'the files that are written'],
    ['Math.max(...commands', 'the commands that are named'],
  ],
  'harness/record/timeline.ts': [['Math.max(...cards', 'the cards of a grid']],
  'src/film/riff.ts': [
    ['Uint8Array.of(', 'some bytes of a header'],
    ['String.fromCharCode(...file.subarray(at, at + 4', 'four bytes'],
  ],
  'src/player/canvas.ts': [
    ['Math.min(...rgb', 'three channels'],
    ['Math.max(...rgb', 'three channels'],
  ],
  'src/player/panel.ts': [['element.append(...inside', 'the parts of a panel']],
  'src/translate/operators.ts': [
    ['Math.max(...values', 'two operands'],
    ['write(...', 'the arguments of an operator'],
  ],
  'harness/sweep/livepage.js': [
    ['element(', 'the cells and rows of a table on a page'],
    ['main.replaceChildren(', 'the tables and lines of a page'],
  ],
  'src/translate/runtime.ts': [['write(...(given', 'the arguments of an operator']],
  'src/lab/worker/featuremaps.ts': [
    ['new Float32Array(...', 'a buffer, an offset and a length'],
    ['new Uint32Array(...', 'a buffer, an offset and a length'],
  ],
}

const FOLDERS = ['harness', 'src', 'envs', 'examples']
const root = new URL('../../', import.meta.url)

function sourceFiles(): string[] {
  const all = FOLDERS.flatMap((folder) =>
    (readdirSync(new URL(folder, root), { recursive: true }) as string[]).map((name) => join(folder, name)),
  )
  return all.filter((name) => /\.(tsx?|js)$/.test(name) && !/node_modules|[\\/]dist[\\/]/.test(name))
}

/** Whether `name` is the rest parameter of a function around `node`: as long as its caller's list of arguments. */
function isRest(name: string, node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node; at; at = at.parent) {
    if (ts.isFunctionLike(at) && at.parameters.some((p) => p.dotDotDotToken && p.name.getText() === name)) return true
  }
  return false
}

/** The calls in `code` that put a list of unknown length on the stack. */
function spreads(code: string, file = 'x.ts'): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const applied = ts.isCallExpression(node) && /\.apply$/.test(node.expression.getText())
      const lists = applied
        ? node.arguments.slice(1)
        : [...(node.arguments ?? [])].filter(ts.isSpreadElement).map((spread) => spread.expression)
      if (lists.some((list) => !isRest(list.getText(), node))) found.push(node.getText().replace(/\s+/g, ' '))
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true))
  return found
}

test('no call spreads a list of any length', () => {
  const unbounded = sourceFiles().flatMap((file) => {
    const allowed = (BOUNDED[file.replaceAll('\\', '/')] ?? []).map(([call]) => call)
    const code = readFileSync(new URL(file, root), 'utf8')
    return spreads(code, file).flatMap((call) =>
      allowed.some((start) => call.startsWith(start)) ? [] : [`${file}: ${call.slice(0, 100)}`],
    )
  })
  expect(unbounded, 'use largest or smallest of src/extremes.ts, a loop, or name the bound in this test').toEqual([])
})

describe('the search finds', () => {
  test.each([
    'Math.max(...list)',
    'rows.push(1, ...list)',
    'new Set(...lists)',
    'push.apply(rows, list)',
    'String.fromCharCode(...bytes)',
    'const f = (...list) => g(...other)',
  ])('%s', (code) => expect(spreads(code)).toHaveLength(1))
  test.each(['[...a, ...b]', 'const f = (...list) => g(...list)', 'f.call(x)', 'Math.max(a, b)'])('not %s', (code) =>
    expect(spreads(code)).toEqual([]),
  )
})

test('the largest and smallest of a million numbers', () => {
  const numbers = Float64Array.from({ length: 1_000_000 }, (_, i) => (i * 7919) % 1_000_003)
  expect([smallest(numbers), largest(numbers)]).toEqual([Math.min(...chunks(numbers)), 1_000_002])
  expect([smallest([]), largest([]), smallest([], 3), largest([], 3)]).toEqual([Infinity, -Infinity, 3, 3])
  expect([largest([1, 2], 5), smallest([1, 2], 0)]).toEqual([5, 0])
  expect(largest([1, Number.NaN, 3])).toBeNaN()
})

/** The least of each thousand. */
const chunks = (numbers: Float64Array): number[] =>
  Array.from({ length: numbers.length / 1000 }, (_, i) => Math.min(...numbers.subarray(1000 * i, 1000 * (i + 1))))
