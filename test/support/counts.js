/**
 * Adds up reports of Vitest, given as files: names what failed, prints `N passed, N failed`, and fails unless all passed.
 */
import { readFileSync } from 'node:fs'

/** What failed in a file of tests, and why; the beginning of it. */
function printFailures({ name, message, assertionResults }) {
  const failed = assertionResults.filter((test) => test.status === 'failed')
  for (const { fullName, failureMessages } of failed)
    console.log(`failed: ${name}: ${fullName}\n${failureMessages?.join('\n').slice(0, 2000)}`)
  if (assertionResults.length === 0) console.log(`failed: ${name}: ${message}`)
}

/** A file that could not be loaded has no tests and counts as one that failed; so does a report that is missing or broken. */
function countsOf(path) {
  try {
    const { testResults, numPassedTests, numFailedTests } = JSON.parse(readFileSync(path, 'utf8'))
    testResults.filter((file) => file.status === 'failed').forEach(printFailures)
    const unloaded = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
    return { passed: numPassedTests, failed: numFailedTests + unloaded.length }
  } catch (error) {
    console.error(`${path}: no report of the tests (${error.message}). It counts as one that failed.`)
    return { passed: 0, failed: 1 }
  }
}

const all = process.argv.slice(2).map(countsOf)
const [passed, failed] = ['passed', 'failed'].map((name) => all.reduce((sum, counts) => sum + counts[name], 0))
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
