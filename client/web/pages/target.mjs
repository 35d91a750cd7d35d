// What Chromium 80 does not know, looked for in the bundle: syntax by its tree, interfaces by their names, style by its
// text. esbuild lowers syntax but adds no missing function; this finds both what it left and what only later browsers have.

// Members of no object that Chromium 80 has, whatever they are asked of.
const MEMBERS = ['replaceAll', 'hasOwn', 'findLast', 'findLastIndex', 'toSorted', 'toReversed', 'toSpliced', 'randomUUID', 'replaceChildren',
    'isWellFormed', 'toWellFormed', 'groupBy', 'fromAsync', 'withResolvers', 'showPicker', 'showPopover', 'togglePopover', 'checkVisibility',
    'startViewTransition', 'waitAsync'];
const STATIC = { Promise: ['any', 'try'], AbortSignal: ['any', 'timeout'], Object: ['hasOwn', 'groupBy'], Array: ['fromAsync'], Response: ['json'], URL: ['canParse', 'parse'], Intl: ['Segmenter', 'DurationFormat'] };
const GLOBALS = ['structuredClone', 'WeakRef', 'FinalizationRegistry', 'AggregateError', 'reportError', 'CompressionStream', 'DecompressionStream', 'showOpenFilePicker', 'Temporal', 'Iterator', 'scheduler', 'navigation', 'cookieStore'];
const STYLE = [[/\{[^{}]*display:\s*(inline-)?flex[^{}]*;\s*(row-|column-)?gap:|\{([^{}]*;)?\s*(row-|column-)?gap:[^{}]*display:\s*(inline-)?flex/, 'gap in a flex box'], [/:(is|where|has)\(/, ':is, :where, :has'], [/aspect-ratio\s*:/, 'aspect-ratio'], [/(^|[{;\s])inset\s*:/, 'inset'], [/accent-color|color-mix\(|@layer|@container|content-visibility|\b\d+(dvh|svh|lvh|dvw)\b|scrollbar-gutter|text-wrap\s*:/, 'newer properties'],
    [/overflow[^:;{}]*:\s*clip/, 'overflow: clip'], [/@media[^{]*\(\s*(width|height)\s*[<>]/, 'range media queries']];

// A call of what a test beside it finds: `typeof x === "function" && x()` is for newer browsers, and harmless.
const guarded = (text, name) => new RegExp(`typeof [\\w$.]*\\b${name}\\b|\\b${name}\\b\\s*(\\?\\.|in\\b)|["']${name}["']\\s*in\\b|\\w\\.${name}\\s*(&&|\\?[^.?]|\\|\\|)`).test(text);

function syntaxOf(node) {
    if (node.type === 'StaticBlock') return 'static block';
    if ((node.type === 'MethodDefinition' && node.key.type === 'PrivateIdentifier') || (node.type === 'BinaryExpression' && node.left.type === 'PrivateIdentifier')) return 'private method';
    if (node.type === 'AssignmentExpression' && ['??=', '||=', '&&='].includes(node.operator)) return node.operator;
    if (node.type === 'Literal' && node.regex && /[dv]/.test(node.regex.flags)) return `regular expression with ${node.regex.flags}`;
    if (node.type === 'ExportAllDeclaration' && node.exported) return 'export * as';
    if (['ImportDeclaration', 'ImportExpression', 'ExportNamedDeclaration'].includes(node.type) && node.attributes && node.attributes.length) return 'import attributes';
    return '';
}

function interfaceOf(node, text) {
    if (node.type === 'MemberExpression' && !node.computed) {
        const name = node.property.name;
        const owner = node.object.type === 'Identifier' ? node.object.name : '';
        if (STATIC[owner] && STATIC[owner].includes(name) && !guarded(text, name)) return `${owner}.${name}`;
        if (MEMBERS.includes(name) && !guarded(text, name)) return `.${name}`;
    }
    if (node.type === 'CallExpression' && node.callee.type === 'MemberExpression' && !node.callee.computed && node.callee.property.name === 'at' && node.arguments.length === 1) return '.at()';
    if (['CallExpression', 'NewExpression'].includes(node.type) && node.callee.type === 'Identifier' && GLOBALS.includes(node.callee.name) && !guarded(text, node.callee.name)) return node.callee.name;
    return '';
}

function walk(node, inFunction, visit) {
    if (!node || typeof node.type !== 'string') return;
    visit(node, inFunction);
    const inside = inFunction || /Function/.test(node.type);
    for (const value of Object.values(node))
        for (const child of Array.isArray(value) ? value : [value]) if (child && typeof child === 'object') walk(child, inside, visit);
}

// What in a script or style sheet Chromium 80 would not understand: a list of sentences.
export function beyondTarget(acorn, name, text) {
    if (name.endsWith('.css')) {
        const found = STYLE.filter(([pattern]) => pattern.test(text)).map(([, what]) => `${name}: ${what}`);
        // a selector list with one unknown selector is dropped whole, so the rule for older ones stands by itself
        if (text.includes(':focus-visible') && !/(^|[}])\s*:focus\s*\{/.test(text)) found.push(`${name}: :focus-visible without a rule for :focus`);
        return found;
    }
    const found = new Set();
    walk(acorn.parse(text, { ecmaVersion: 'latest', sourceType: 'module', allowAwaitOutsideFunction: true }), false, (node, inFunction) => {
        const what = syntaxOf(node) || interfaceOf(node, text) || (node.type === 'AwaitExpression' && !inFunction ? 'await outside a function' : '');
        if (what) found.add(`${name}: ${what} at ${text.slice(Math.max(0, node.start - 20), node.start + 60).replace(/\s+/g, ' ')}`);
    });
    return [...found];
}
