/** Functions of WGSL itself in an environment's text whose results differ from GPU to GPU. */
import { readTokens } from '../wgsl/tokens'
import type { Source } from './source'

const SINCOS = 'may be wrong by 2^-11, and only from -pi to pi: import "shaders/lib/sincos.wgsl" and write'
const LOOSE = 'may be wrong by 4096 units in the last place'

/** What is said of each, and what to write instead. */
const BUILT_IN: Readonly<Record<string, string>> = {
  sin: `${SINCOS} sincos(x).x`,
  cos: `${SINCOS} sincos(x).y`,
  tan: `${SINCOS} sincos(x), whose quotient it is`,
  tanh: 'is not finite on some GPUs above 88: import "shaders/lib/tanh.wgsl" and write tanh1(x), or tanh4(x) for a vec4f',
  sinh: 'is as wrong as exp(x) is, and not finite above 88',
  cosh: 'is as wrong as exp(x) is, and not finite above 88',
  asin: LOOSE,
  acos: LOOSE,
  atan: LOOSE,
  atan2: LOOSE,
}

/** One note for each such function that the author's own text calls, with every line. */
export function builtInNotes({ code, module, isOwn, placeOf }: Source): string[] {
  const { tokens } = readTokens(code)
  const places = new Map<string, string[]>()
  for (const [i, { text, at }] of tokens.entries()) {
    if (!Object.hasOwn(BUILT_IN, text) || tokens[i + 1]?.text !== '(' || tokens[i - 1]?.text === '.') continue
    if (module.named.has(text) || !isOwn(at)) continue
    places.set(text, [...(places.get(text) ?? []), placeOf(at)])
  }
  return [...places].map(([name, at]) => {
    return `${[...new Set(at)].join(', ')}: WGSL's own ${name} differs from GPU to GPU; it ${BUILT_IN[name]}`
  })
}
