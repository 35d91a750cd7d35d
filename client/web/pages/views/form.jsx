// A form that is at work once at a time and shows what failed.
import { Component } from 'preact';

export class Form extends Component {
    state = { busy: false, error: null };

    // Runs `work` once, showing that it is at work and what failed.
    async go(event, work) {
        event.preventDefault();
        if (this.state.busy) return;
        this.setState({ busy: true, error: null });
        try {
            await work();
        } catch (error) {
            this.setState({ error });
        }
        this.setState({ busy: false });
    }

    value(name) {
        return document.getElementById(name).value;
    }
}

export function Field({ id, label, type = 'text', help, ...rest }) {
    return (
        <div class="field">
            <label htmlFor={id}>{label}</label>
            <input id={id} type={type} required aria-describedby={help ? `${id}-help` : undefined} {...rest} />
            {help && <p class="help" id={`${id}-help`}>{help}</p>}
        </div>
    );
}
