/** Numbers that the text of WGSL is made of. */

/** A number, or a list of them, or of lists: WGSL's arrays of arrays. */
export type Numbers = number | readonly Numbers[]

/** The numbers as WGSL constants of type u32, or arrays of them. */
export function constants(numbers: Record<string, Numbers>): string {
  const text = (value: Numbers): string =>
    typeof value === 'number' ? `${value}u` : `array(${value.map(text).join(', ')})`
  return Object.entries(numbers)
    .map(([name, value]) => `const ${name} = ${text(value)};`)
    .join('\n')
}
