// Bundles the pages: node build.mjs OUT PROTO_DIRECTORY, run in a directory that has node_modules.
//
// Messages become a static module (no code is made in the browser: the content policy forbids it), JSX becomes
// calls of preact, everything is lowered to Chromium 80, and each file gets a compressed twin.
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import { beyondTarget } from './target.mjs';

const [out, protos] = process.argv.slice(2).map((name) => path.resolve(name));
const source = path.dirname(fileURLToPath(import.meta.url));
const work = process.cwd();
const require = createRequire(path.join(work, 'package.json'));
const esbuild = require('esbuild');

const FIRST_LOAD_MAX = 600 * 1024;
const TARGET = 'chrome80';

function makeMessages() {
    const module = path.join(work, 'messages.js');
    execFileSync(process.execPath, [
        require.resolve('protobufjs-cli/bin/pbjs'), '-t', 'static-module', '-w', 'es6',
        '--keep-case', '--no-create', '--no-verify', '--no-convert', '--no-delimited',
        '--no-typeurl', '--no-service', '--no-comments', '-p', protos, '-o', module,
        ...fs.readdirSync(protos).filter((name) => name.endsWith('.proto'))
            .map((name) => path.join(protos, name)),
    ], { stdio: 'inherit' });
    return module;
}

const messages = makeMessages();
fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(out, { recursive: true });
const result = await esbuild.build({
    entryPoints: { app: path.join(source, 'main.jsx'), style: path.join(source, 'style.css') },
    outdir: out,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: TARGET,
    minify: true,
    metafile: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    charset: 'utf8',
    entryNames: '[name]-[hash]',
    chunkNames: 'part-[hash]',
    nodePaths: [path.join(work, 'node_modules')],
    alias: {
        'zhibao-messages': messages,
        // looks modules up with eval; what it would find is given in lib/messages.js
        '@protobufjs/inquire': path.join(source, 'lib', 'no_inquire.cjs'),
    },
    logLevel: 'warning',
});

const entries = Object.entries(result.metafile.outputs);
const outputOf = (name) => entries.find(([, output]) => output.entryPoint &&
    output.entryPoint.endsWith(name));
const [app, script] = outputOf('main.jsx');
const page = fs.readFileSync(path.join(source, 'index.html'), 'utf8')
    .replace('app.js', path.basename(app))
    .replace('style.css', path.basename(outputOf('style.css')[0]));
fs.writeFileSync(path.join(out, 'index.html'), page);

for (const name of ['icon.svg', 'calm.html'])
    fs.writeFileSync(path.join(out, name), fs.readFileSync(path.join(source, name), 'utf8').replace('style.css', path.basename(outputOf('style.css')[0])));

const needed = new Set([path.basename(app), path.basename(outputOf('style.css')[0]), 'index.html',
    ...script.imports.filter((part) => part.kind === 'import-statement')
        .map((part) => path.basename(part.path))]);
// the worker keeps what the first load needs, and a report of a child in danger; other parts are kept when they are used
const [report, reportPart] = outputOf('case_send.jsx');
const always = new Set([...needed, path.basename(report), ...reportPart.imports.filter((part) => part.kind === 'import-statement').map((part) => path.basename(part.path))]);
const kept = ['/', ...[...always].filter((name) => name !== 'index.html').map((name) => `/${name}`), '/icon.svg', '/calm.html'];
const version = crypto.createHash('sha256').update(page).update(fs.readFileSync(path.join(source, 'sw.js'))).digest('hex').slice(0, 16);
const worker = fs.readFileSync(path.join(source, 'sw.js'), 'utf8').replace('__VERSION__', version).replace('__FILES__', JSON.stringify(kept));
fs.writeFileSync(path.join(out, 'sw.js'), (await esbuild.transform(worker, { target: TARGET, minify: true, charset: 'utf8' })).code);

const beyond = fs.readdirSync(out).filter((name) => /\.(js|css)$/.test(name))
    .flatMap((name) => beyondTarget(require('acorn'), name, fs.readFileSync(path.join(out, name), 'utf8')));
if (beyond.length) throw new Error(`not for ${TARGET}:\n${beyond.slice(0, 20).join('\n')}`);

let first = 0;
for (const name of fs.readdirSync(out)) {
    const zipped = zlib.gzipSync(fs.readFileSync(path.join(out, name)), { level: 9 });
    fs.writeFileSync(path.join(out, `${name}.gz`), zipped);
    if (needed.has(name)) first += zipped.length;
}
if (first > FIRST_LOAD_MAX) throw new Error(`first load ${first} bytes, over ${FIRST_LOAD_MAX}`);
console.log(`pages: first load ${Math.round(first / 1024)} KB compressed`);
