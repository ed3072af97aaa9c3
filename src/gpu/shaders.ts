import { constantOf } from '../wgsl/constants'
import { moduleOf } from '../wgsl/module'

/** Every WGSL file of the project, inlined: path from the repository's root -> source. */
const files = import.meta.glob<string>(['../../shaders/**/*.wgsl', '../model/**/*.wgsl'], {
  query: '?raw',
  import: 'default',
  eager: true,
})

export const SHADERS: ReadonlyMap<string, string> = new Map(
  Object.entries(files).map(([path, source]) => [
    path.replace('../model/', 'src/model/').replace('../../', ''),
    source,
  ]),
)

/** The kernels, stem -> path: the files with an entry point, in any folder. The others are modules. */
export const KERNELS: ReadonlyMap<string, string> = new Map(
  [...SHADERS]
    .filter(([, source]) => /^@compute\b/m.test(source))
    .map(([path]) => [path.slice(path.lastIndexOf('/') + 1, -'.wgsl'.length), path]),
)

/** `conv_forward` of `conv_forward.bits`: the kernel, and which modules are in its slots. */
export const kernelName = (stem: string): string => stem.split('.')[0]

/** The file of kernel `stem`. */
export function kernelPath(stem: string): string {
  const path = KERNELS.get(kernelName(stem))
  if (path) return path
  throw new Error(`${stem}: there is no kernel of this name. Known: ${[...KERNELS.keys()].sort().join(', ')}.`)
}

/** The value of the integer `const name` in a WGSL file: constants shared with the host are defined there. */
export function wgslConstant(path: string, name: string): number {
  const source = SHADERS.get(path)
  if (source === undefined) throw new Error(`${path}: there is no such file, which should have the constant ${name}.`)
  return constantOf(moduleOf(source), name)
}
