'use strict';
// The words that the play looks for and types.
module.exports = {
    zh: { explanation: '有两名儿童刚迁入，正在建档', kept: '草稿已存', back: '换回', reason: '第1项与去年相差过大，请核对', returned: '已退回', accepted: '已通过', confirmed: '汇总已确认' },
    en: { explanation: 'two children have just moved in', kept: 'draft kept', back: 'take back', reason: 'item 1 differs too much from last year', returned: 'returned', accepted: 'accepted', confirmed: 'total confirmed' },
};
