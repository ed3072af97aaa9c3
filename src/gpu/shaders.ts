/** Every WGSL file of the project, inlined: path from the repository's root -> source. */
const files = import.meta.glob<string>('../../shaders/**/*.wgsl', { query: '?raw', import: 'default', eager: true })

export const SHADERS: ReadonlyMap<string, string> = new Map(
  Object.entries(files).map(([path, source]) => [path.replace('../../', ''), source]),
)
