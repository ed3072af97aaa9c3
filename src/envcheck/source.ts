/** The WGSL of an environment with its imports, and where each place of it is in the author's files. */
import type { EnvSpec } from '../env/contract'
import { type Linked, link } from '../gpu/link'
import { SHADERS } from '../gpu/shaders'
import { envSlots } from '../plan/kernels'
import { evaluate } from '../wgsl/constants'
import { type Module, moduleOf } from '../wgsl/module'
import { lineAt, type Token, textOf } from '../wgsl/tokens'

export interface Source {
  spec: EnvSpec
  code: string
  module: Module
  /** `envs/x/x.wgsl:30` */
  placeOf(at: number): string
  /** Whether this place is in the author's own file. */
  isOwn(at: number): boolean
}

/** @param linked What has the WGSL of `spec` in it; by default nothing else. */
export function sourceOf(spec: EnvSpec, { code, origin }: Linked = link('env', SHADERS, envSlots(spec))): Source {
  const own = new Set([spec.wgslFile, ...Object.values(spec.modules ?? {}).map(({ file }) => file)])
  const originOf = (at: number) => origin[lineAt(code, at) - 1]
  const placeOf = (at: number) => `${originOf(at).file}:${originOf(at).line}`
  return { spec, code, module: moduleOf(code), placeOf, isOwn: (at) => own.has(originOf(at).file) }
}

/** A number as it is written, and its value if that is not seen: `2u + 2u = 4`. */
export function says(module: Module, tokens: readonly Token[]): string {
  const written = textOf(tokens)
  return /^\d+u?$/.test(written) ? written : `${written} = ${evaluate(module, tokens)}`
}
