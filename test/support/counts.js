/** Adds up reports of Vitest, given as files: prints `N passed, N failed`, and fails unless all passed. */
import { readFileSync } from 'node:fs'

/** A file that could not be loaded has no tests and counts as one that failed; so does a report that is missing or broken. */
function countsOf(path) {
  try {
    const { testResults, numPassedTests, numFailedTests } = JSON.parse(readFileSync(path, 'utf8'))
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
