// The portal: starts, finds out who is here, shows the page that the address names.
import { render } from 'preact';
import { App } from './app.jsx';
import { language, setLanguage } from './lib/i18n.js';
import './lib/messages.js';

setLanguage(language.now);
render(<App />, document.getElementById('app'));
