// The browser is found or installed by one explicit step (harness/chrome/find.ts), so that
// `npm install` works where puppeteer's own download is blocked.
module.exports = { skipDownload: true }
