/**
 * Lets the bundlers of an app leave out what it does not use. They keep a variable whose value is the result of a call,
 * since the call might do something; no top-level one of the library does. `const A = f(x)` becomes
 * `const A = /* @__PURE__ *\/ (() => f(x))()`.
 */
import { parseAst } from 'vite'

/** What runs code, or may. */
const RUNS = ['CallExpression', 'NewExpression', 'TaggedTemplateExpression', 'MemberExpression', 'SpreadElement']
const LATER = ['ArrowFunctionExpression', 'FunctionExpression', 'ClassExpression']

function runs(node) {
  if (node === null || typeof node !== 'object') return false
  if (Array.isArray(node)) return node.some(runs)
  if (LATER.includes(node.type)) return false
  // `${a}` may call a method of a.
  if (node.type === 'TemplateLiteral' && node.expressions.length > 0) return true
  return RUNS.includes(node.type) || Object.values(node).some(runs)
}

/** @param {string} code A module. */
export function withPureVariables(code) {
  const declared = parseAst(code)
    .body.map((node) => node.declaration ?? node)
    .filter(({ type }) => type === 'VariableDeclaration')
    .flatMap(({ declarations }) => declarations)
  const inits = declared.filter(({ id, init }) => id.type === 'Identifier' && runs(init)).map(({ init }) => init)
  let out = ''
  let at = 0
  for (const { start, end } of inits) {
    out += `${code.slice(at, start)}/* @__PURE__ */ (() => (${code.slice(start, end)}))()`
    at = end
  }
  return out + code.slice(at)
}

/** A Vite plugin. */
export const pureVariables = () => ({
  name: 'pure-variables',
  renderChunk: { order: 'post', handler: (code) => ({ code: withPureVariables(code), map: null }) },
})
