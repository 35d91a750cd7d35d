// The portal: starts, finds out who is here, shows the page that the address names.
import { render } from 'preact';
import { App } from './app.jsx';
import { language, setLanguage } from './lib/i18n.js';
import './lib/messages.js';

setLanguage(language.now);
const root = document.getElementById('app');
root.textContent = ''; // what stood there while this script came
render(<App />, root);

// So that the page opens without a network. A browser that does not trust the certificate has none: the page then
// needs the network to open, and drafts are kept all the same.
if ('serviceWorker' in navigator) navigator.serviceWorker.register('sw.js').catch(() => {});
