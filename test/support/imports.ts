/** Which files of the project import which, types included. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'

const root = new URL('../../', import.meta.url)

/** The project's code, by paths from its root. */
export const sourceFiles: readonly string[] = ['src', 'envs', 'harness'].flatMap((folder) =>
  (readdirSync(new URL(folder, root), { recursive: true }) as string[])
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .filter((name) => /\.(tsx?|js)$/.test(name) && !/node_modules|\/dist\//.test(name)),
)

/** The files of the project that `code` of `file` imports. */
export function importsOf(file: string, code: string): string[] {
  return ts
    .preProcessFile(code, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.') && !name.includes('?'))
    .map((name) => normalize(join(dirname(file), name)).replaceAll('\\', '/'))
    .flatMap((path) => [path, `${path}.ts`, `${path}.tsx`].find((name) => sourceFiles.includes(name)) ?? [])
}

/** Those that the file itself imports. */
export const importsFrom = (file: string): string[] => importsOf(file, readFileSync(new URL(file, root), 'utf8'))
