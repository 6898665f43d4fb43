// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Opens reports in a headless Chromium and checks what a reader sees.
//   node check_report.mjs <browser> [--shots <folder>] <program>=<report.html>…
// Speaks the DevTools protocol over a pipe: no package is needed. Ends with 0 when all reports pass and each of the
// defects below, put into the one of `train` on purpose, is found.

import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [browser, ...words] = process.argv.slice(2);
const screenshots = words[0] === '--shots' ? words.splice(0, 2)[1] : undefined;
const reports = words.map((word) => word.split('=', 2));
const scratch = mkdtempSync(join(tmpdir(), 'ign-report-'));
const patience = 60_000; // milliseconds for one answer

// --- The browser ------------------------------------------------------------------------------------------------------

const flags = ['--headless', '--remote-debugging-pipe', `--user-data-dir=${join(scratch, 'profile')}`, '--disable-gpu',
  '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-extensions', '--hide-scrollbars'];
if (process.getuid?.() === 0) flags.push('--no-sandbox'); // Chromium refuses to run as root with it
const child = spawn(browser, [...flags, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] });
let said = '';
child.stderr.on('data', (data) => { said = (said + data).slice(-4000); });

const waiting = new Map();
let listeners = [];
let count = 0;
let rest = '';
const give_up = (why) => { for (const { reject } of waiting.values()) reject(new Error(`${why}\n${said}`)); };
child.on('error', (error) => give_up(`${browser}: ${error.message}`));
child.on('exit', (code) => give_up(`${browser} ended with ${code}`));
child.stdio[3].on('error', () => {}); // 'exit' tells more
child.stdio[4].setEncoding('utf8').on('data', (data) => {
  const messages = (rest + data).split('\0');
  rest = messages.pop();
  for (const message of messages.map((text) => JSON.parse(text))) {
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (!call) listeners.forEach((listener) => listener(message));
    else if (message.error) call.reject(new Error(message.error.message));
    else call.resolve(message.result);
  }
});

function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`no answer to ${what}\n${said}`)), patience); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function send(method, params = {}, sessionId = undefined) {
  const id = ++count;
  return within(method, new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    child.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + '\0');
  }));
}

// --- Checks of a page -------------------------------------------------------------------------------------------------

// Required contents of each program's report: words, and the numbers of pictures and charts.
const machine = ['Machine', 'compiler', 'processor'];
const contents = {
  train: { images: 10, charts: 1, words: [...machine, 'Idempotent Generative Network', 'Samples', 'Repeated application', 'Projection', 'Losses', 'Recipe',
    'reconstruction', 'idempotence', 'learning rate', 'seed', 'wall time'] },
  study: { images: 0, charts: 5, words: [...machine, 'FD-C', 'coverage', 'Balance during training', 'training images (reference)', 'weight of the tightness'] },
  toys: { images: 0, charts: 8, words: [...machine, 'Imle', 'modes hit', 'The theorem, by width', 'Recipe'] },
  refine: { images: 5, charts: 2, words: [...machine, 'Drift', 'FD-C', 'recall'] },
  project: { images: 40, charts: 0, words: [...machine, 'principal components', 'PSNR', 'AUROC', 'accuracy', 'noise 0.15'] },
  in_situ: { images: 2, charts: 0, words: [...machine, 'Restored fields', 'Fields out of distribution'] },
  in_situ_ranks: { images: 5, charts: 1, words: [...machine, 'Restored fields', 'POD', 'AUROC'] },
  interpolate: { images: 2, charts: 1, words: [...machine] },
  select: { images: 4, charts: 0, words: [...machine, 'FD-C', 'coverage', 'largest drift', 'training images (reference)'] },
};

// Runs in the page. Returns a list of defects.
function look(view, expected) {
  const wrong = [];
  const root = document.documentElement;
  if (root.scrollWidth > window.innerWidth) wrong.push(`width: the document is ${root.scrollWidth} wide`);
  for (const image of document.images) {
    if (!(image.complete && image.naturalWidth > 0)) wrong.push(`image: '${image.alt}' is not decoded`);
    if (!image.alt) wrong.push('alt: an image has no alternative text');
    if (image.getBoundingClientRect().right > window.innerWidth) wrong.push(`width: image '${image.alt}' is cut off`);
  }
  for (const figure of document.querySelectorAll('figure'))
    if (!figure.querySelector('figcaption')?.textContent.trim()) wrong.push('caption: a figure has none');
  for (const svg of document.querySelectorAll('svg'))
    if (svg.getAttribute('role') !== 'img' || !svg.getAttribute('aria-label')) wrong.push('alt: a chart has no description');
  if (document.images.length < expected.images) wrong.push(`text: ${document.images.length} images, expected ${expected.images} and more`);
  for (const words of expected.words) if (!document.body.innerText.includes(words)) wrong.push(`text: '${words}' is missing`);
  const charts = [...document.querySelectorAll('svg')].filter((svg) => svg.getBoundingClientRect().width > 0);
  if (charts.length !== expected.charts) wrong.push(`chart: ${charts.length} charts are shown, expected ${expected.charts}`);
  for (const text of charts.flatMap((svg) => [...svg.querySelectorAll('text')])) {
    const box = text.getBoundingClientRect();
    const frame = text.ownerSVGElement.getBoundingClientRect();
    if (box.left < frame.left - 1 || box.right > frame.right + 1) wrong.push(`chart: '${text.textContent}' is cut off`);
    if (box.height < 10) wrong.push(`chart: '${text.textContent}' is ${box.height} pixels high`);
  }

  // Contrast of all text by WCAG 2.1; chart lines need less.
  const numbers = (colour) => colour.match(/[\d.]+/g).slice(0, 3).map(Number);
  const luminance = (colour) => numbers(colour).map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const background = getComputedStyle(document.body).backgroundColor;
  const contrast = (colour) => {
    const [dark, light] = [luminance(colour), luminance(background)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const least = new Map();
  const judge = (kind, colour, limit) => {
    if (contrast(colour) < limit) least.set(`${kind} ${colour}`, contrast(colour));
  };
  for (const element of document.querySelectorAll('h1,h2,p,a,th,td,dt,dd,figcaption,.rows span')) judge(element.localName, getComputedStyle(element).color, 4.5);
  for (const text of document.querySelectorAll('svg text')) judge('svg text', getComputedStyle(text).fill, 4.5);
  for (const line of document.querySelectorAll('svg .line')) judge('line', getComputedStyle(line).stroke, 3);
  for (const [what, ratio] of least) wrong.push(`contrast: ${what} has ${ratio.toFixed(2)} on ${background}`);
  return { wrong: wrong.map((words) => `${view}: ${words}`), background, narrow: root.clientWidth };
}

const views = [
  { name: 'desktop', width: 1280, height: 900, scheme: 'light', scale: 1 },
  { name: 'desktop dark', width: 1280, height: 900, scheme: 'dark', scale: 1 },
  { name: 'phone', width: 360, height: 740, scheme: 'light', scale: 2 },
  { name: 'phone dark', width: 360, height: 740, scheme: 'dark', scale: 2 },
];

// All defects of a file.
async function check(path, expected, shots = undefined) {
  const url = pathToFileURL(path).href;
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const page = (method, params) => send(method, params, sessionId);
  const wrong = [];
  let loaded = () => {};
  listeners = [({ method, params, sessionId: from }) => {
    if (from !== sessionId) return;
    if (method === 'Page.loadEventFired') loaded();
    if (method === 'Runtime.consoleAPICalled' && ['error', 'warning', 'assert'].includes(params.type))
      wrong.push(`console: ${params.args.map((argument) => argument.value ?? argument.description).join(' ')}`);
    if (method === 'Runtime.exceptionThrown') wrong.push(`console: ${params.exceptionDetails.text}`);
    if (method === 'Log.entryAdded' && ['error', 'warning'].includes(params.entry.level)) wrong.push(`console: ${params.entry.text}`);
    if (method === 'Network.requestWillBeSent' && params.request.url !== url && !params.request.url.startsWith('data:'))
      wrong.push(`request: ${params.request.url}`);
  }];
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await page(`${domain}.enable`);

  const backgrounds = new Map();
  for (const view of views) {
    await page('Emulation.setDeviceMetricsOverride', { width: view.width, height: view.height, deviceScaleFactor: view.scale, mobile: view.width < 600 });
    await page('Emulation.setEmulatedMedia', { media: 'screen', features: [{ name: 'prefers-color-scheme', value: view.scheme }] });
    const done = new Promise((resolve) => { loaded = resolve; });
    const { errorText } = await page('Page.navigate', { url });
    if (errorText) throw new Error(`${path}: ${errorText}`);
    await within(`loading ${path}`, done);
    const { result, exceptionDetails } = await page('Runtime.evaluate', { expression: `(${look})(${JSON.stringify(view.name)}, ${JSON.stringify(expected)})`, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    wrong.push(...result.value.wrong);
    backgrounds.set(view.name, result.value.background);
    if (shots) {
      const { data } = await page('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true });
      writeFileSync(join(shots, `${view.name.replace(' ', '-')}.png`), Buffer.from(data, 'base64'));
    }
  }
  if (backgrounds.get('desktop') === backgrounds.get('desktop dark')) wrong.push('scheme: light and dark have the same background');
  await page('Emulation.setEmulatedMedia', { media: 'print', features: [{ name: 'prefers-color-scheme', value: 'dark' }] });
  const paper = await page('Runtime.evaluate', { expression: 'getComputedStyle(document.body).backgroundColor', returnByValue: true });
  if (paper.result.value !== 'rgb(255, 255, 255)') wrong.push(`print: the paper is ${paper.result.value}`);
  await send('Target.closeTarget', { targetId });
  return [...new Set(wrong)];
}

// --- The report, and defects that must be found -----------------------------------------------------------------------

const allow = /<meta http-equiv="Content-Security-Policy"[^>]*>/;
const defects = [
  { kind: 'console', spoil: (html) => html.replace('</main>', '<script>1</script></main>') }, // the policy refuses it
  { kind: 'console', spoil: (html) => html.replace(allow, '').replace('</main>', '<script>console.error("x")</script></main>') },
  { kind: 'request', spoil: (html) => html.replace(allow, '').replace('</main>', '<img alt="x" src="http://127.0.0.1:9/x.png"></main>') },
  { kind: 'width', spoil: (html) => html.replace('</main>', '<div style="width:1400px">x</div></main>') },
  { kind: 'image', spoil: (html) => html.replace('base64,iVBORw0KGgo', 'base64,iVBORw0KGga') },
  { kind: 'alt', spoil: (html) => html.replace(/ alt="[^"]+"/, ' alt=""') },
  { kind: 'caption', spoil: (html) => html.replace(/<figcaption>[^<]+/, '<figcaption>') },
  { kind: 'scheme', spoil: (html) => html.replaceAll('prefers-color-scheme:dark', 'prefers-color-scheme:none') },
  { kind: 'contrast', spoil: (html) => html.replaceAll('--faint:#5d5d57', '--faint:#a0a0a0') },
  { kind: 'text', spoil: (html) => html.replaceAll('Repeated application', '') },
  { kind: 'chart', spoil: (html) => html.replace('.narrow{display:none}', '') },
  { kind: 'print', spoil: (html) => html.replace('--paper:#fff}', '}') },
];

const failures = [];
let found = 0;
try {
  for (const [program, path] of reports) {
    const expected = contents[program];
    if (!expected) throw new Error(`no report is known of '${program}', only of ${Object.keys(contents).join(', ')}`);
    const shots = screenshots && join(screenshots, program);
    if (shots) mkdirSync(shots, { recursive: true });
    const wrong = await check(resolve(path), expected, shots);
    failures.push(...wrong.map((fault) => `${program}: ${fault}`));
    if (program !== 'train' || wrong.length > 0) continue;
    const html = readFileSync(path, 'utf8');
    for (const { kind, spoil } of defects) {
      const spoiled = join(scratch, 'spoiled.html');
      writeFileSync(spoiled, spoil(html));
      if (spoil(html) === html) failures.push(`the defect '${kind}' does not change this report`);
      else if (!(await check(spoiled, expected)).some((fault) => new RegExp(`(^|: )${kind}: `).test(fault))) failures.push(`the defect '${kind}' is not found`);
      else ++found;
    }
  }
} catch (error) {
  failures.push(error.message);
} finally {
  child.removeAllListeners('exit');
  const ended = new Promise((resolve) => { child.once('exit', resolve); setTimeout(resolve, 5000); });
  child.kill('SIGKILL');
  await ended;
  try {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  } catch (error) { // the browser's own processes may still write there: that is no fault of a report
    console.error(`${scratch} is left behind: ${error.message}`);
  }
}
for (const fault of failures) console.error(fault);
console.log(failures.length > 0 ? `${failures.length} faults` : `${reports.length} reports are right in ${views.length} views, ${found} of ${defects.length} defects are found`);
process.exit(failures.length > 0 || reports.length === 0 ? 1 : 0);
