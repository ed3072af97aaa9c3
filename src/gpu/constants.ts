/** Whole numbers that WGSL declares as constants, for TypeScript to read instead of repeating them. */
import { constantOf } from '../wgsl/constants'
import { moduleOf } from '../wgsl/module'

/** The value of a constant of `code`, by its name. @throws WgslError for one that is not declared or no whole number. */
export function constantsIn(code: string): (name: string) => number {
  const module = moduleOf(code)
  return (name) => constantOf(module, name)
}
