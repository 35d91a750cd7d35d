'use strict';
// The words that the play looks for and types.
module.exports = {
    zh: { explanation: '有两名儿童刚迁入，正在建档', kept: '草稿已存', back: '换回', reason: '第1项与去年相差过大，请核对', returned: '已退回', accepted: '已通过', confirmed: '汇总已确认',
        cutoff: '截止时间已设定', granted: '延期已批准', locked: '已锁定，有回执', unlocked: '已解锁', assigned: '已交办', answered: '已答复', closed: '已办结', reopened: '已重新交办',
        midterm: '中期', contact: '联系方式已保存', revoked: '密钥已吊销', imported: '规划已导入', shut: '账户已停用', opened: '账户已启用', hand: '报送文件', handed: '文件已报送', review: '审核', sentBack: '文件已退回', taken: '文件已通过' },
    en: { explanation: 'two children have just moved in', kept: 'draft kept', back: 'take back', reason: 'item 1 differs too much from last year', returned: 'returned', accepted: 'accepted', confirmed: 'total confirmed',
        cutoff: 'cut-off set', granted: 'extension granted', locked: 'locked, receipted', unlocked: 'opened again', assigned: 'assigned, receipted', answered: 'answered, receipted', closed: 'closed, receipted',
        reopened: 'reopened, receipted', midterm: 'mid-term', contact: 'contact saved', revoked: 'key revoked', imported: 'plan imported', shut: 'account closed', opened: 'account opened', hand: 'Hand in', handed: 'document handed in', review: 'Review', sentBack: 'document returned', taken: 'document accepted' },
};
