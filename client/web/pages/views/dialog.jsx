// A dialog that keeps the focus while it is open and gives it back afterwards.
import { Component } from 'preact';

const STOPS = 'a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), summary';

export class Dialog extends Component {
    componentDidMount() {
        this.before = document.activeElement;
        const first = this.box.querySelector('input') || this.box.querySelector(STOPS);
        if (first) first.focus();
    }

    componentWillUnmount() {
        if (this.before && this.before.isConnected) this.before.focus();
    }

    onKey(event) {
        if (event.key === 'Escape') this.props.onCancel();
        if (event.key !== 'Tab') return;
        const stops = [...this.box.querySelectorAll(STOPS)];
        const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
        if (document.activeElement !== edge) return;
        event.preventDefault();
        stops[event.shiftKey ? stops.length - 1 : 0].focus();
    }

    render({ title, children }) {
        return (
            <div class="veil" onKeyDown={(event) => this.onKey(event)}>
                <div class="dialog" role="dialog" aria-modal="true" aria-labelledby="dialog-title" ref={(box) => { this.box = box || this.box; }}>
                    <h2 id="dialog-title">{title}</h2>
                    {children}
                </div>
            </div>
        );
    }
}
