// A chart, loaded when first needed and drawn on canvas: tooltips as rich text, because the content policy lets no
// styled HTML in. Every chart stands beside its table.
import { Component } from 'preact';

const COLOURS = ['#0b5394', '#b45f06', '#38761d', '#741b47', '#666666', '#990000'];

export class Chart extends Component {
    async componentDidMount() {
        const { make, registerMap } = await import('./echarts.js');
        if (!this.box) return;
        this.chart = make(this.box);
        this.registerMap = registerMap;
        this.draw();
        this.resize = () => this.chart.resize();
        addEventListener('resize', this.resize);
    }

    componentDidUpdate() {
        if (this.chart) this.draw();
    }

    componentWillUnmount() {
        removeEventListener('resize', this.resize);
        if (this.chart) this.chart.dispose();
        this.box = null;
    }

    draw() {
        // nothing moves: an old computer shows it at once, and what is printed is whole
        const { geography, ...option } = this.props.option;
        if (geography) this.registerMap('places', geography); // what a series of type map is drawn on
        this.chart.setOption({
            color: COLOURS, animation: false, aria: { enabled: true, decal: { show: true } }, textStyle: { fontFamily: 'inherit' },
            tooltip: { trigger: 'axis', renderMode: 'richText' }, ...option,
        }, true);
    }

    render({ title }) {
        return <div class="chart" role="img" aria-label={title} ref={(box) => { this.box = box; }} />;
    }
}
