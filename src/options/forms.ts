/**
 * The forms in which several values of an option are written. Grids list their values: a population has one for each
 * agent, a sweep tries each. Draws are for sweeps alone: each trial draws its own.
 */

export interface Form {
  kind: 'grid' | 'draw'
  /** As it is written. */
  signature: string
  help: string
  /** Of two numbers: the value at `part`, 0 to 1, of the way from a to b. */
  between?(a: number, b: number, part: number): number
  /** Equal ratios have equal distances; both bounds are above 0. */
  log?: true
}

const linear = (a: number, b: number, part: number): number => a + (b - a) * part
const ratios = (a: number, b: number, part: number): number => a * (b / a) ** part

export const FORMS = {
  log: {
    ...{ kind: 'grid', signature: 'log(a,b,n)', log: true, between: ratios },
    help: 'n numbers from a to b, both included, with equal ratios; in a population n is numAgents and may be left out.',
  },
  lin: {
    ...{ kind: 'grid', signature: 'lin(a,b,n)', between: linear },
    help: 'The same with equal differences.',
  },
  range: { kind: 'grid', signature: 'range(a,b)', help: 'The whole numbers a, a + 1, ..., b - 1.' },
  list: { kind: 'grid', signature: '[v,w,...]', help: 'The values that are listed.' },
  loguniform: {
    ...{ kind: 'draw', signature: 'loguniform(a,b)', log: true, between: ratios },
    help: 'A number from a to b, of which the logarithm is uniform.',
  },
  uniform: {
    kind: 'draw',
    signature: 'uniform(a,b)',
    between: linear,
    help: 'A number from a to b, all equally likely.',
  },
  choice: { kind: 'draw', signature: 'choice(v,w,...)', help: 'One of the values that are listed.' },
} as const satisfies Record<string, Form>

export type FormName = keyof typeof FORMS

const signatures = (kind: Form['kind']): string =>
  Object.values(FORMS)
    .filter((form) => form.kind === kind)
    .map(({ signature }) => signature)
    .join(', ')

/** The forms of a kind, as in messages. */
export const GRID_FORMS = signatures('grid')
export const DRAW_FORMS = signatures('draw')

/** Whether `name`, such as that of a function in text, is a form that is drawn. */
export const isDraw = (name: string): boolean => Object.hasOwn(FORMS, name) && FORMS[name as FormName].kind === 'draw'

export interface Written {
  form: FormName
  /** What is between its brackets, split at the commas that are in no brackets of their own. */
  parts: string[]
}

/** Text in one of the forms; undefined for any other. */
export function parseForm(text: string): Written | undefined {
  const call = /^\s*([a-z]*)\s*\((.*)\)\s*$/s.exec(text)
  if (call && call[1] !== 'list' && Object.hasOwn(FORMS, call[1])) {
    const parts = splitOutside(call[2])
    return parts && { form: call[1] as FormName, parts }
  }
  const list = /^\s*\[(.*)\]\s*$/s.exec(text)
  const parts = list && splitOutside(list[1])
  return parts ? { form: 'list', parts } : undefined
}

/** Undefined if brackets are not closed, as in `a],[b`. */
function splitOutside(text: string): string[] | undefined {
  const parts = ['']
  let depth = 0
  for (const char of text) {
    if (char === '(' || char === '[') depth++
    if (char === ')' || char === ']') depth--
    if (depth < 0) return undefined
    if (char === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += char
  }
  return depth === 0 ? parts.map((part) => part.trim()) : undefined
}

/**
 * The `n` numbers of a grid.
 * @throws Error that says what is wrong with it; the caller adds where.
 */
export function gridNumbers(form: 'log' | 'lin', a: number, b: number, n: number): number[] {
  checkLog(form, a, b)
  return Array.from({ length: n }, (_, i) => FORMS[form].between(a, b, n === 1 ? 0 : i / (n - 1)))
}

/** @throws Error if a bound has no logarithm and needs one; the caller adds where. */
export function checkLog(form: FormName, a: number, b: number): void {
  const { log, kind }: Form = FORMS[form]
  if (!log || (a > 0 && b > 0)) return
  throw new Error(`has a bound that is not above 0. Use ${FORMS[kind === 'draw' ? 'uniform' : 'lin'].signature}`)
}
