import { buildPage } from '../../harness/build.js'
import { findBrowser } from '../../harness/chrome/find'

/** Builds the page from the current sources before the tests use it; installs a browser first if necessary. */
export async function setup(): Promise<void> {
  await buildPage()
  await findBrowser()
}
