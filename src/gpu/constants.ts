/** Reads integer constants from WGSL, so that TypeScript does not repeat them. */
import { constantOf } from '../wgsl/constants'
import { moduleOf } from '../wgsl/module'

/** The value of a constant of `code`, by its name. @throws WgslError if it is not declared or not an integer. */
export function constantsIn(code: string): (name: string) => number {
  const module = moduleOf(code)
  return (name) => constantOf(module, name)
}
