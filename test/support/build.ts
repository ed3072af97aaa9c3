import { buildPage } from '../../harness/build.js'
import { findBrowser } from '../../harness/chrome/find'

/** The page that the tests drive is that of the current sources; and a browser that must be installed first is. */
export async function setup(): Promise<void> {
  await buildPage()
  await findBrowser()
}
