/** What a workgroup of a kernel takes, read from its linked source: threads, and bytes of workgroup memory. */
import { typeBytes } from './reflect'

const strip = (code: string): string => code.replace(/\/\/.*$/gm, '')

/** Threads of a workgroup. */
export function workgroupSize(code: string, overrides: Record<string, number>): number {
  const size = /@workgroup_size\(([^)]+)\)/.exec(strip(code))?.[1]
  if (size === undefined) throw new Error('the source has no @workgroup_size')
  return size.split(',').reduce((product, part) => product * value(code, part, overrides), 1)
}

/** Bytes of the variables in workgroup memory, each rounded up to 16 as WebGPU counts them. */
export function workgroupMemory(code: string, overrides: Record<string, number>): number {
  const variables = strip(code).matchAll(/var<workgroup>\s+\w+\s*:\s*([^;]+);/g)
  return [...variables].reduce((sum, [, type]) => sum + Math.ceil(bytesOf(code, type.trim(), overrides) / 16) * 16, 0)
}

function bytesOf(code: string, type: string, overrides: Record<string, number>): number {
  const array = /^array<\s*(.+?)\s*,\s*([^,]+)>$/.exec(type)
  return array ? typeBytes(code, array[1]) * value(code, array[2], overrides) : typeBytes(code, type)
}

/** The value of sums of products and quotients of numbers, `const`s and `override`s. */
function value(code: string, expression: string, overrides: Record<string, number>): number {
  const term = (text: string) => {
    const [first, ...rest] = text.split(/([*/])/).map((part) => part.trim())
    let all = atom(code, first, overrides)
    for (let i = 0; i < rest.length; i += 2) {
      const next = atom(code, rest[i + 1], overrides)
      all = rest[i] === '*' ? all * next : Math.floor(all / next)
    }
    return all
  }
  return expression.split('+').reduce((sum, text) => sum + term(text), 0)
}

function atom(code: string, text: string, overrides: Record<string, number>): number {
  if (/^\d+u?$/.test(text)) return Number.parseInt(text, 10)
  if (Object.hasOwn(overrides, text)) return overrides[text]
  const declared = new RegExp(`\\b(?:const|override)\\s+${text}\\s*(?::\\s*\\w+\\s*)?=\\s*([^;]+);`).exec(strip(code))
  if (!declared) throw new Error(`${text}: no plain number in the source`)
  return value(code, declared[1], overrides)
}
