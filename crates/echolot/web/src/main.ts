// The beginning of the page.
import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { rights } from './state/rights.svelte';
import { server } from './state/server.svelte';

// What is served, and what of it may be seen, is known before the first question, so that none
// is asked twice or in vain.
await Promise.all([server.look(), rights.look()]);
const target = document.getElementById('app');
if (target) mount(App, { target });
