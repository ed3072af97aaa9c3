/** Resources of a kernel's workgroup, read from its linked source: threads, and bytes of workgroup memory. */
import { evaluate } from '../wgsl/constants'
import { Types } from '../wgsl/layout'
import { moduleOf } from '../wgsl/module'
import { splitList } from '../wgsl/tokens'

/** Threads per workgroup of the module's only entry point. */
export function workgroupSize(code: string, overrides: Record<string, number>): number {
  const module = moduleOf(code)
  const size = module.declarations.flatMap(({ attributes }) =>
    attributes.filter(({ name }) => name === 'workgroup_size'),
  )
  if (size.length !== 1) throw new Error(`the source has ${size.length} times @workgroup_size, not once`)
  const sizes = splitList(size[0].arguments).map((part) => evaluate(module, part, overrides))
  return sizes.reduce((product, threads) => product * threads, 1)
}

/** Bytes of the variables in workgroup memory, each rounded up to 16 as WebGPU counts them. */
export function workgroupMemory(code: string, overrides: Record<string, number>): number {
  const types = Types.of(code, overrides)
  const variables = types.module.declarations.filter(({ kind, space }) => kind === 'var' && space[0] === 'workgroup')
  return variables.reduce((sum, { type }) => sum + Math.ceil(types.read(type).size / 16) * 16, 0)
}
